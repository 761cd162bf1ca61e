//! `Conditions`: the template's named truths.

use super::{Resolver, Truth};
use crate::document::{Entry, Node, Place};
use crate::problem::Part;
use crate::value::{Kind, Text, Unknown, Value};

impl Resolver<'_> {
    /// Whether the named condition holds.
    pub(super) fn condition(&self, name: &str, place: Place) -> Truth {
        let known = self.conditions.borrow().get(name).cloned();
        if let Some(known) = known {
            return known;
        }
        match self.template.condition(name) {
            Some(entry) => self.learn(entry, place),
            None => {
                let message =
                    format!("refers to the condition {name}, which is not in the template");
                Err(self.trail.fault(place, message))
            }
        }
    }

    /// Works a condition out and keeps it.
    pub(super) fn learn(&self, entry: &Entry, needed_at: Place) -> Truth {
        let name = entry.key.as_str();
        let known = self.conditions.borrow().get(name).cloned();
        if let Some(known) = known {
            return known;
        }
        let holds = self.trail.step(format!("condition {name}"), needed_at, || {
            self.trail.within(Part::Condition, name, || self.holds(&entry.value))
        });
        self.conditions.borrow_mut().insert(name.to_owned(), holds.clone());
        holds
    }

    fn holds(&self, node: &Node) -> Truth {
        let _level = self.trail.descend(node.place)?;
        let unknown = || {
            let message = "must be one of Condition, Fn::Equals, Fn::And, Fn::Or, Fn::Not";
            self.trail.fault(node.place, message)
        };
        let Some([entry]) = node.as_map() else { return Err(unknown()) };
        let operands = entry.value.as_list().unwrap_or_default();
        let wrong = |count: &str| {
            self.trail.fault(node.place, format!("must give {} a list of {count}", entry.key))
        };
        match (entry.key.as_str(), operands) {
            ("Condition", _) => match entry.value.as_text() {
                Some(name) => self.condition(name, entry.place),
                None => Err(self.trail.fault(node.place, "must give Condition a name")),
            },
            ("Fn::Equals", [left, right]) => {
                equal(self.resolve(left).as_ref(), self.resolve(right).as_ref())
            }
            ("Fn::Equals", _) => Err(wrong("2")),
            ("Fn::Not", [operand]) => self.holds(operand).map(|holds| !holds),
            ("Fn::Not", _) => Err(wrong("1")),
            ("Fn::And" | "Fn::Or", [] | [_] | [_, _, _, _, _, _, _, _, _, _, _, ..]) => {
                Err(wrong("2 to 10"))
            }
            ("Fn::And", operands) => self.all(operands, true),
            ("Fn::Or", operands) => self.all(operands, false),
            _ => Err(unknown()),
        }
    }

    /// `neutral` if every operand is that; the opposite if one is; unknown between the two. Every operand is looked
    /// at, so that a mistake is found whatever the others are.
    fn all(&self, operands: &[Node], neutral: bool) -> Truth {
        let truths: Vec<Truth> = operands.iter().map(|operand| self.holds(operand)).collect();
        if truths.contains(&Ok(!neutral)) {
            return Ok(!neutral);
        }
        truths.into_iter().find(Result::is_err).unwrap_or(Ok(neutral))
    }
}

/// Whether two values are the same. `None` is `AWS::NoValue`.
fn equal(left: Option<&Value>, right: Option<&Value>) -> Truth {
    let (Some(left), Some(right)) = (left, right) else {
        return Ok(left.is_none() && right.is_none());
    };
    if let (Some(left), Some(right)) = (left.as_text(), right.as_text()) {
        return equal_texts(&left, &right);
    }
    match (&left.kind, &right.kind) {
        (Kind::Unknown(unknown), _) | (_, Kind::Unknown(unknown)) => Err(unknown.clone()),
        _ => Ok(left.to_json_of_texts()? == right.to_json_of_texts()?),
    }
}

fn equal_texts(left: &Text, right: &Text) -> Truth {
    match left.may_equal(right) {
        false => Ok(false),
        true if left == right => Ok(true),
        true => {
            Err(left.why_unknown().or_else(|| right.why_unknown()).unwrap_or_else(Unknown::fault))
        }
    }
}
