//! What a template says to Fanfare in its metadata is understood.

use super::{Findings, Rule};
use crate::stack::{Located, Spot, Stack};
use fanfare_template::roles::Roles;
use fanfare_template::{Problem, Value};

pub(super) static UNKNOWN_METADATA: Rule = Rule {
    id: "unknown-metadata",
    title: "Metadata for Fanfare that nothing understands",
    why: "A misspelt word is passed over: the resource has not the role, or the event type not the check, that it was \
          meant to have.",
    page: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-metadata.html",
    check,
};

/// What may stand under `Metadata: Fanfare` of the template.
const OF_TEMPLATE: [&str; 2] = ["Accept", "Catalogue"];
/// What may stand there of a resource.
const OF_RESOURCE: [&str; 4] = ["Accept", "Consumer", "ForcedReplay", "Role"];

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    words(&stack.known.metadata, &Spot::template(), &OF_TEMPLATE, findings);
    catalogue(&stack.known.metadata, findings);
    for resource in &stack.known.resources {
        words(&resource.metadata, &resource.whole(), &OF_RESOURCE, findings);
        empty_table(stack, &resource.metadata, &resource.whole(), findings);
    }
    let (_, problems) = Roles::of(stack.known);
    for problem in problems.iter().filter(|one| one.property() == Some("Metadata.Fanfare")) {
        findings.report(spot(problem), problem.message.as_str(), "Write one of these.");
    }
}

fn words(metadata: &Value, holder: &Spot, known: &[&str], findings: &mut Findings) {
    let Some(fanfare) = metadata.field("Fanfare") else { return };
    for field in fanfare.value.fields().iter().filter(|field| !known.contains(&field.key.as_str()))
    {
        findings.report(
            spot_of(holder, metadata, &[&field.key]),
            format!("there is nothing called {} here", field.key),
            format!("Use one of {}, or take it away.", known.join(", ")),
        );
    }
}

fn catalogue(metadata: &Value, findings: &mut Findings) {
    let named = metadata.find(&["Fanfare", "Catalogue"]).known();
    if named.is_some_and(|named| named.as_known().is_none_or(str::is_empty)) {
        findings.report(
            spot_of(&Spot::template(), metadata, &["Catalogue"]),
            "it is no path of a file",
            "Write the path of the catalogue of events, from the template's folder.",
        );
    }
}

/// A consumer that may be replayed to while a table is empty has to mean one of the template's.
fn empty_table(stack: &Stack<'_>, metadata: &Value, holder: &Spot, findings: &mut Findings) {
    let path = ["Fanfare", "ForcedReplay", "IfEmpty"];
    let Some(table) = metadata.find_text(&path).known() else { return };
    let Some(id) = table.as_known().filter(|id| stack.resource(id).is_none()) else { return };
    findings.report(
        spot_of(holder, metadata, &["ForcedReplay", "IfEmpty"]),
        format!("there is no table {id} in the template"),
        "Write a table's logical id.",
    );
}

fn spot_of(holder: &Spot, metadata: &Value, path: &[&str]) -> Spot {
    let holder = Spot { property: "Metadata".to_owned(), ..holder.clone() };
    let path: Vec<&str> = [&["Fanfare"], path].concat();
    holder.below(metadata, &path)
}

fn spot(problem: &Problem) -> Spot {
    Spot {
        resource: problem.resource().unwrap_or_default().to_owned(),
        property: "Metadata.Fanfare".to_owned(),
        place: problem.place,
    }
}
