//! Keys that a role is limited to are those that its function writes.

use super::{Findings, Rule};
use crate::stack::{Spot, Stack, Statement, is_stream_like};
use fanfare_template::roles::Consumer;
use fanfare_template::{Resource, Setting};

pub(super) static FOREIGN_LEADING_KEYS: Rule = Rule {
    id: "foreign-leading-keys",
    title: "Role limited to keys that its function never writes",
    why: "AWS refuses every write, so that the first message is the first to fail; and what belongs to another function is open.",
    page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html",
    check,
};

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    let consumers = stack.roles.consumers.iter();
    for (consumer, function) in
        consumers.filter_map(|one| Some((one, stack.resource(one.function.as_deref()?)?)))
    {
        let statements = stack.grants(function).statements;
        if let Some(ledger) = stack.table(&stack.roles.ledger) {
            each_key(stack, &statements, ledger, |key, spot| {
                of_ledger(consumer, key, spot, findings)
            });
        }
    }
    if let Some(store) = stack.table(&stack.roles.event_store) {
        for function in stack.functions() {
            let statements = stack.grants(function).statements;
            each_key(stack, &statements, store, |key, spot| of_store(stack, key, spot, findings));
        }
    }
}

fn each_key(
    stack: &Stack<'_>,
    statements: &[Statement<'_>],
    table: &Resource,
    mut judge: impl FnMut(&str, Spot),
) {
    let about = |statement: &&Statement<'_>| {
        statement.allows() && statement.is_about_table(stack, table) == Setting::Known(true)
    };
    for statement in statements.iter().filter(about) {
        if let Setting::Known(keys) = statement.leading_keys() {
            keys.into_iter().for_each(|(key, spot)| judge(&key, spot));
        }
    }
}

/// The ledger's keys are `CONSUMER#EVENT`.
fn of_ledger(consumer: &Consumer, key: &str, spot: Spot, findings: &mut Findings) {
    let own = format!("{}#", consumer.name);
    if !key.starts_with(&own) {
        findings.report(
            spot,
            format!(
                "{key} is not of the consumer {}, whose records in the ledger begin with {own}",
                consumer.name
            ),
            format!("Write \"{own}*\"."),
        );
    }
}

/// The event store's keys are names of streams, which the catalogue knows.
fn of_store(stack: &Stack<'_>, key: &str, spot: Spot, findings: &mut Findings) {
    let Some(file) = &stack.options.project.catalogue else { return };
    let events = file.catalogue.events();
    if !events.iter().any(|event| is_stream_like(key, &event.stream)) {
        let streams: std::collections::BTreeSet<&str> =
            events.iter().map(|event| &*event.stream).collect();
        let streams: Vec<&str> = streams.into_iter().collect();
        findings.report(
            spot,
            format!("{key} is no stream of an event in the catalogue {}", file.name),
            format!(
                "Write those that the function appends to or reads, of {}.",
                streams.join(", ")
            ),
        );
    }
}
