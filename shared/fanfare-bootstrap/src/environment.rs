//! Settings: the one place that reads environment variables.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

/// A setting that keeps a function from starting. Its words name the variable, its value and what to do.
///
/// ```
/// use fanfare_bootstrap::Environment;
///
/// let environment = Environment::from_iter([("MAX_TRIES", "many")]);
/// let error = environment.parsed("MAX_TRIES", 5_u32).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "environment variable MAX_TRIES is \"many\": invalid digit found in string; correct it in the \
///      function's environment (`Environment: Variables` in its template)"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// A variable that must be there is not, or is empty.
    #[error(
        "environment variable {name} is not set; set it in the function's environment (`Environment: Variables` in its \
         template)"
    )]
    Missing {
        /// The variable.
        name: String,
    },
    /// A variable's value can't be what it should.
    #[error(
        "environment variable {name} is {value:?}: {reason}; correct it in the function's environment (`Environment: \
         Variables` in its template)"
    )]
    Invalid {
        /// The variable.
        name: String,
        /// What it holds.
        value: String,
        /// Why that won't do.
        reason: String,
    },
}

/// The environment variables as they were at start, or any map in their place in a test.
///
/// ```
/// use fanfare_bootstrap::Environment;
///
/// let environment = Environment::from_iter([("ROOMS_TABLE", "rooms"), ("LIMIT", "7"), ("EMPTY", "")]);
/// assert_eq!(environment.required("ROOMS_TABLE"), Ok("rooms"));
/// assert_eq!(environment.optional("EMPTY"), None);
/// assert_eq!(environment.parsed("LIMIT", 5), Ok(7));
/// assert_eq!(environment.parsed("ABSENT", 5), Ok(5));
/// let tables: Vec<_> = environment.ending_in("_TABLE").collect();
/// assert_eq!(tables, [("ROOMS_TABLE", "rooms")]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// This process's variables. One that is not valid Unicode is left out.
    pub fn of_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
        )
    }

    /// The value of a variable; an empty one counts as absent.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of a variable that must be there.
    ///
    /// # Errors
    /// [`SettingError::Missing`], which names it.
    pub fn required(&self, name: &str) -> Result<&str, SettingError> {
        self.optional(name).ok_or_else(|| SettingError::Missing { name: name.to_owned() })
    }

    /// A variable's value as a `T`, or `default` when it is absent.
    ///
    /// # Errors
    /// [`SettingError::Invalid`] when it is there and is not a `T`.
    pub fn parsed<T>(&self, name: &str, default: T) -> Result<T, SettingError>
    where
        T: FromStr<Err: Display>,
    {
        let Some(value) = self.optional(name) else { return Ok(default) };
        value.parse().map_err(|error: T::Err| SettingError::Invalid {
            name: name.to_owned(),
            value: value.to_owned(),
            reason: error.to_string(),
        })
    }

    /// Every variable whose name ends in `suffix`, with its value.
    pub fn ending_in<'a>(&'a self, suffix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0
            .iter()
            .filter(move |(name, _)| name.ends_with(suffix))
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_empty_variable_is_refused_by_name() {
        let environment = Environment::from_iter([("EMPTY", "")]);
        for name in ["EMPTY", "ABSENT"] {
            let error = environment.required(name).expect_err("not there");
            assert!(error.to_string().contains(&format!("{name} is not set; set it")), "{error}");
        }
    }

    #[test]
    fn a_malformed_variable_is_refused_with_its_value() {
        let environment = Environment::from_iter([("MAX_TRIES", "many")]);
        let error = environment.parsed("MAX_TRIES", 5_u32).expect_err("not a number");
        let told = r#"MAX_TRIES is "many": invalid digit found in string; correct it"#;
        assert!(error.to_string().contains(told), "{error}");
    }

    #[test]
    fn an_absent_variable_takes_its_default() {
        assert_eq!(Environment::default().parsed("N", 5_u32), Ok(5));
    }
}
