//! `Fn::ForEach`: loops, carried out before anything else is read.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html>

use super::Template;
use crate::document::{Content, Entry, MAX_WEIGHT, Node, Place};
use crate::problem::{Part, Problem, Problems};
use crate::resolve::{Resolver, Symbolic};
use crate::value::Kind;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

const LOOP: &str = "Fn::ForEach::";

/// What carries loops out: what they run over may be a parameter or a mapping of the template.
pub(super) struct Loops<'t> {
    resolver: Resolver<'t>,
    /// Whether the template asks for loops.
    is_on: bool,
    /// How much may still be made.
    budget: Cell<usize>,
    problems: RefCell<Problems>,
}

/// A loop's parts.
struct Loop<'n> {
    /// What stands for the value in its body.
    identifier: &'n str,
    values: Vec<String>,
    body: &'n [Entry],
}

impl Template {
    pub(super) fn loops(&self) -> Loops<'_> {
        Loops {
            resolver: Resolver::new(self, &Symbolic),
            is_on: self.extensions.language,
            budget: Cell::new(MAX_WEIGHT),
            problems: RefCell::default(),
        }
    }
}

impl Loops<'_> {
    /// A section's entries, with those that its loops make. Each key is there once.
    pub(super) fn expand_section(&self, name: &str, entries: Vec<Entry>) -> Vec<Entry> {
        let expanded = self.expand_entries(entries);
        let mut keys = BTreeSet::new();
        let is_first = |entry: &Entry| {
            let is_first = keys.insert(entry.key.clone());
            if !is_first {
                let message = format!("is made twice in {name} by a loop");
                self.tell(Problem::invalid(entry.place, message).of(Part::Key, &entry.key));
            }
            is_first
        };
        let mut expanded = expanded;
        expanded.retain(is_first);
        expanded
    }

    pub(super) fn into_problems(self) -> Problems {
        let mut problems = self.problems.into_inner();
        problems.extend(self.resolver.into_problems());
        problems
    }

    fn tell(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    fn expand_entries(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let mut expanded = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry.key.strip_prefix(LOOP) {
                None => expanded.push(Entry { value: self.expand(entry.value), ..entry }),
                Some(name) => match self.carry_out(&entry) {
                    Ok(made) => expanded.extend(made),
                    Err(problem) => self.tell(problem.of(Part::Loop, name)),
                },
            }
        }
        expanded
    }

    fn expand(&self, node: Node) -> Node {
        let content = match node.content {
            Content::Map(entries) => Content::Map(self.expand_entries(entries)),
            Content::List(items) => {
                Content::List(items.into_iter().map(|item| self.expand(item)).collect())
            }
            other => other,
        };
        Node { place: node.place, content }
    }

    fn carry_out(&self, entry: &Entry) -> Result<Vec<Entry>, Problem> {
        if !self.is_on {
            let message = "needs `Transform: AWS::LanguageExtensions`";
            return Err(Problem::invalid(entry.place, message));
        }
        let Loop { identifier, values, body } = self.parts(&entry.value)?;
        let mut made = Vec::new();
        for value in values {
            for entry in body {
                let entry = Substitution { identifier, value: &value }.entry(entry);
                self.spend(&entry)?;
                made.push(entry);
            }
        }
        // Loops in the body may run over what has just been put in.
        Ok(self.expand_entries(made))
    }

    fn parts<'n>(&self, argument: &'n Node) -> Result<Loop<'n>, Problem> {
        let wrong =
            || Problem::invalid(argument.place, "must have an identifier, a list and a map");
        let Some([identifier, collection, body]) = argument.as_list() else { return Err(wrong()) };
        Ok(Loop {
            identifier: identifier.as_text().ok_or_else(wrong)?,
            values: self.values(collection)?,
            body: body.as_map().ok_or_else(wrong)?,
        })
    }

    fn values(&self, collection: &Node) -> Result<Vec<String>, Problem> {
        let wrong = |place: Place| Problem::invalid(place, "must run over a list of texts");
        let resolved = self.resolver.resolve(collection).ok_or_else(|| wrong(collection.place))?;
        let items = match &resolved.kind {
            Kind::List(items) => items,
            Kind::Unknown(unknown) => return Err(Problem::unknown(collection.place, unknown)),
            _ => return Err(wrong(collection.place)),
        };
        let mut values = Vec::new();
        for item in items {
            let text = item.as_text().ok_or_else(|| wrong(item.place))?;
            match (text.as_known(), text.why_unknown()) {
                (Some(known), _) => values.push(known.to_owned()),
                (None, Some(unknown)) => return Err(Problem::unknown(item.place, &unknown)),
                (None, None) => return Err(wrong(item.place)),
            }
        }
        Ok(values)
    }

    fn spend(&self, entry: &Entry) -> Result<(), Problem> {
        let left = self.budget.get().checked_sub(1 + entry.value.weight());
        self.budget.set(left.unwrap_or(0));
        match left {
            Some(_) => Ok(()),
            None => Err(Problem::invalid(entry.place, "makes too much")),
        }
    }
}

/// One turn of a loop: `${Identifier}` and `!Ref Identifier` become the value, `&{Identifier}` its letters and digits.
struct Substitution<'v> {
    identifier: &'v str,
    value: &'v str,
}

impl Substitution<'_> {
    fn entry(&self, entry: &Entry) -> Entry {
        Entry { key: self.text(&entry.key), place: entry.place, value: self.node(&entry.value) }
    }

    fn node(&self, node: &Node) -> Node {
        if let Some(("Ref", argument)) = node.as_function()
            && argument.as_text() == Some(self.identifier)
        {
            return Node::text(node.place, self.value);
        }
        let content = match &node.content {
            Content::Null => Content::Null,
            Content::Scalar { text, plain } => {
                Content::Scalar { text: self.text(text), plain: *plain }
            }
            Content::List(items) => {
                Content::List(items.iter().map(|item| self.node(item)).collect())
            }
            Content::Map(entries) => {
                Content::Map(entries.iter().map(|entry| self.entry(entry)).collect())
            }
        };
        Node { place: node.place, content }
    }

    fn text(&self, text: &str) -> String {
        if !text.contains('{') {
            return text.to_owned();
        }
        let letters: String = self.value.chars().filter(char::is_ascii_alphanumeric).collect();
        let text = text.replace(&format!("${{{}}}", self.identifier), self.value);
        text.replace(&format!("&{{{}}}", self.identifier), &letters)
    }
}
