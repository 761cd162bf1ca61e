//! DynamoDB tables.

use super::{Owner, Stack};
use fanfare_template::{Resource, Text};

const KINDS: &[&str] =
    &["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable"];

impl<'t> Stack<'t> {
    /// The table that this reference, ARN or name means.
    pub(crate) fn table_of(&self, text: &Text) -> Owner<'t> {
        let name = |table: &Resource| table.properties.find_text(&["TableName"]).known();
        self.owner(text, KINDS, name)
    }

    /// The table of this role, if it is in the template.
    pub(crate) fn table(&self, role: &Option<String>) -> Option<&'t Resource> {
        self.resource(role.as_deref()?)
    }
}
