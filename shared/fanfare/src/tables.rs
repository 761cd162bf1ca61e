//! Tables, named in code by the environment variable that holds their real name.

use crate::Failure;
use fanfare_bootstrap::Environment;
use std::collections::BTreeMap;

/// The ending of every variable that names a table.
const SUFFIX: &str = "_TABLE";

/// A DynamoDB table, by the environment variable (ending in `_TABLE`) that the template puts its name in.
///
/// ```
/// use fanfare::Table;
///
/// const ROOMS: Table = Table::named_by("ROOMS_TABLE");
///
/// assert_eq!(ROOMS.variable(), "ROOMS_TABLE");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Table(&'static str);

impl Table {
    /// The table whose name is in `variable`.
    pub const fn named_by(variable: &'static str) -> Self {
        Self(variable)
    }

    /// The variable.
    pub const fn variable(self) -> &'static str {
        self.0
    }
}

/// The real names of the tables that the environment names.
#[derive(Debug, Clone)]
pub(crate) struct Tables(BTreeMap<String, String>);

impl Tables {
    pub(crate) fn from(environment: &Environment) -> Self {
        Self(environment.ending_in(SUFFIX).map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
    }

    /// The real name of a table, or a failure that names the variable. It is worth a retry: mending
    /// the function's environment mends it.
    pub(crate) fn name(&self, table: Table) -> Result<&str, Failure> {
        let missing = || Failure::retry(format!("environment variable {} is not set", table.0));
        self.0.get(table.0).map(String::as_str).ok_or_else(missing)
    }
}
