//! `Conditions`: true, false, or known to AWS alone.

use super::node::Node;
use super::scope::Scope;
use super::value::{Kind, Value};

/// Whether the named condition holds.
pub(super) fn named(scope: &Scope<'_>, name: &str) -> Option<bool> {
    let known = scope.conditions.borrow().get(name).copied();
    if let Some(known) = known {
        return known;
    }
    let node = scope.root.get("Conditions").and_then(|section| section.get(name))?;
    scope.conditions.borrow_mut().insert(name.to_owned(), None);
    let holds = holds(scope, node);
    scope.conditions.borrow_mut().insert(name.to_owned(), holds);
    holds
}

fn holds(scope: &Scope<'_>, node: &Node) -> Option<bool> {
    let [entry] = node.as_map()? else { return None };
    let operands = entry.value.as_list().unwrap_or_default();
    match (entry.key.as_str(), operands) {
        ("Condition", _) => scope.condition(entry.value.as_text()?),
        ("Fn::Equals", [left, right]) => equal(&scope.resolve(left)?, &scope.resolve(right)?),
        ("Fn::Not", [operand]) => holds(scope, operand).map(|holds| !holds),
        ("Fn::And", operands) => all(operands.iter().map(|operand| holds(scope, operand)), true),
        ("Fn::Or", operands) => all(operands.iter().map(|operand| holds(scope, operand)), false),
        _ => None,
    }
}

/// `neutral` if every operand is that; the opposite as soon as one is; unknown between the two.
fn all(operands: impl Iterator<Item = Option<bool>>, neutral: bool) -> Option<bool> {
    let mut result = Some(neutral);
    for operand in operands {
        match operand {
            Some(holds) if holds == neutral => {}
            Some(other) => return Some(other),
            None => result = None,
        }
    }
    result
}

fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (&left.kind, &right.kind) {
        (Kind::Text(left), Kind::Text(right)) => match left.may_equal(right) {
            false => Some(false),
            true => (left == right).then_some(true),
        },
        (Kind::Null, Kind::Null) => Some(true),
        _ => None,
    }
}
