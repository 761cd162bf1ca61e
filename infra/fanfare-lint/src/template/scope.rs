//! What names in a template stand for, before anything is deployed.

use super::conditions;
use super::node::{Node, Place};
use super::text::{Piece, Text};
use super::value::{Kind, Value};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Values that resolving may make, together: a list that is looked up often must not fill the memory.
const MAX_VALUES: usize = 1_000_000;
/// Conditions that may need each other in a row.
const MAX_CONDITIONS: usize = 200;

/// Everything that resolving takes.
pub(crate) struct Scope<'t> {
    pub(super) root: &'t Node,
    pub(super) parameters: BTreeMap<String, Value>,
    /// Conditions that were asked for: `None` while one is being found out, so a cycle is unknown.
    pub(super) conditions: RefCell<BTreeMap<String, Option<bool>>>,
    made: Cell<usize>,
    depth: Cell<usize>,
}

impl<'t> Scope<'t> {
    pub(crate) fn new(root: &'t Node, parameters: BTreeMap<String, Value>) -> Self {
        Self {
            root,
            parameters,
            conditions: RefCell::default(),
            made: Cell::new(0),
            depth: Cell::new(0),
        }
    }

    /// Whether the named condition holds; `None` if only AWS knows.
    pub(crate) fn condition(&self, name: &str) -> Option<bool> {
        if self.depth.get() == MAX_CONDITIONS {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let holds = conditions::named(self, name);
        self.depth.set(self.depth.get() - 1);
        holds
    }

    /// Counts a value that is made, and says whether there may be one more.
    pub(super) fn may_make_another(&self) -> bool {
        self.made.set(self.made.get() + 1);
        self.made.get() <= MAX_VALUES
    }

    /// A value as `Ref` gives it. `None` is `AWS::NoValue`.
    pub(super) fn reference(&self, name: &str, place: Place) -> Option<Value> {
        if name == "AWS::NoValue" {
            return None;
        }
        if let Some(value) = self.parameters.get(name) {
            return Some(Value { place, ..value.clone() });
        }
        let text = match name.starts_with("AWS::") {
            true => Text::unknown(name),
            false => Text::of(Piece::Reference(name.to_owned())),
        };
        Some(Value::text(place, text))
    }

    /// A value of `Mappings`; unknown if it is not there.
    pub(super) fn mapped(&self, map: &str, first: &str, second: &str, place: Place) -> Value {
        let maps = self.root.get("Mappings");
        let found = maps.and_then(|maps| maps.get(map)?.get(first)?.get(second));
        match found {
            Some(node) => Value { place, ..self.copied(node) },
            None => Value::unknown(place, format!("{map}.{first}.{second}")),
        }
    }

    fn copied(&self, node: &Node) -> Value {
        let value = Value::literal(node);
        self.made.set(self.made.get() + value.each().len());
        match self.may_make_another() {
            true => value,
            false => Value { place: value.place, kind: Kind::Unknown("too much".into()) },
        }
    }
}
