//! Environment variables that are called as tables are name tables.

use super::{Findings, Rule};
use crate::stack::{Located, Owner, Stack};
use fanfare_template::{Field, Resource};

pub(super) static UNKNOWN_TABLE: Rule = Rule {
    id: "unknown-table",
    title: "Environment variable for a table that names none",
    why: "The function asks for a table that is not there, and fails with its first message.",
    page: "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html",
    check,
};

const ENDING: &str = "_TABLE";

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    for function in stack.functions() {
        let variables = function.properties.find(&["Environment", "Variables"]).known();
        let variables = variables.map_or(&[][..], |variables| variables.fields());
        for variable in variables.iter().filter(|variable| variable.key.ends_with(ENDING)) {
            judge(stack, function, variable, findings);
        }
    }
}

fn judge(stack: &Stack<'_>, function: &Resource, variable: &Field, findings: &mut Findings) {
    let Some(text) = variable.value.as_text() else { return };
    // An empty one is how a template switches off what may be done without.
    if text.as_known() == Some("") {
        return;
    }
    let spot = function.spot(&["Environment", "Variables", &variable.key]);
    match stack.table_of(&text) {
        Owner::Resource(_) => {}
        Owner::Unknown(why) => findings.undecided(spot, &why),
        // A name may be that of another stack's table; but consumers' tables are declared beside them.
        Owner::Elsewhere if text.resource().is_none() && stack.roles.consumers.is_empty() => {}
        Owner::Elsewhere => findings.report(
            spot,
            format!("{text} is no table of the template"),
            "Write `!Ref TABLE`, with the logical id of a table; or accept it, if the table is another stack's.",
        ),
    }
}
