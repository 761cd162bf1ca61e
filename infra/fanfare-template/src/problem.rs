//! What can be wrong with a template, and where.

use crate::document::Place;
use crate::value::Unknown;
use std::collections::HashSet;
use std::fmt;

/// Something that is wrong with a template, or that whoever reads it cannot do.
///
/// Its message is a predicate (`is not …`, `refers to …`) about the innermost part it is about. `Display` puts the
/// two together: `resource Orders: property QueueName refers to Nope, which is not in the template`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it means for the template.
    pub kind: ProblemKind,
    /// Where to look.
    pub place: Place,
    /// What it is about, outermost part first.
    pub subject: Vec<(Part, String)>,
    /// What is wrong.
    pub message: String,
    is_told: bool,
}

/// What a [`Problem`] means for the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// AWS refuses the template.
    Invalid,
    /// AWS takes it, and the reader cannot do it.
    Unsupported,
    /// It depends on a value that nobody knows before AWS does.
    Unknown,
}

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A section, such as `Resources`.
    Section,
    /// A key of a map.
    Key,
    /// A loop of `Fn::ForEach`.
    Loop,
    /// An entry of `Parameters`.
    Parameter,
    /// An entry of `Conditions`.
    Condition,
    /// An entry of `Resources`.
    Resource,
    /// What stands beside a resource's `Properties`, such as `DependsOn`.
    Attribute,
    /// A property of a resource, by its path.
    Property,
    /// An entry of `Outputs`.
    Output,
}

impl Part {
    /// Whether it is an entry of a section: what is wrong there has nothing to do with what refers to it.
    fn is_entry(self) -> bool {
        matches!(self, Self::Parameter | Self::Condition | Self::Resource | Self::Output)
    }
}

impl Problem {
    /// AWS refuses this.
    pub fn invalid(place: Place, message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Invalid, place, message)
    }

    /// AWS takes this, and the reader cannot do it.
    pub fn unsupported(place: Place, message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Unsupported, place, message)
    }

    /// A value is needed that is unknown: the message says what it depends on and what to do about it.
    pub fn unknown(place: Place, unknown: &Unknown) -> Self {
        let problem =
            Self::new(ProblemKind::Unknown, place, format!("depends on {}", unknown.cause));
        Self { is_told: unknown.is_fault(), ..problem }
    }

    /// Nothing new: what is needed is missing because of a problem that is told by itself.
    pub fn told_already(place: Place) -> Self {
        Self { is_told: true, ..Self::unknown(place, &Unknown::fault()) }
    }

    fn new(kind: ProblemKind, place: Place, message: impl Into<String>) -> Self {
        Self { kind, place, subject: Vec::new(), message: message.into(), is_told: false }
    }

    /// Says what the problem is about, from the inside out. Once an entry of a section is named, what refers to it
    /// adds nothing.
    #[must_use]
    pub fn of(mut self, part: Part, name: &str) -> Self {
        if !self.is_placed() {
            self.subject.insert(0, (part, name.to_owned()));
        }
        self
    }

    /// Whether the problem is only that a value is missing because of another problem, which is told by itself.
    pub fn is_told(&self) -> bool {
        self.is_told
    }

    /// The resource that it is about, if it is about one.
    pub fn resource(&self) -> Option<&str> {
        self.name_of(Part::Resource)
    }

    /// The property, attribute or section that it is about, if it is about one.
    pub fn property(&self) -> Option<&str> {
        self.name_of(Part::Property)
            .or(self.name_of(Part::Attribute))
            .or(self.name_of(Part::Section))
    }

    fn name_of(&self, part: Part) -> Option<&str> {
        self.subject.iter().find(|(other, _)| *other == part).map(|(_, name)| name.as_str())
    }

    fn is_placed(&self) -> bool {
        self.subject.first().is_some_and(|(part, _)| part.is_entry())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (part, name)) in self.subject.iter().enumerate() {
            let separator = if index == 0 { "" } else { ": " };
            write!(f, "{separator}{part} {name}")?;
        }
        let space = if self.subject.is_empty() { "" } else { " " };
        write!(f, "{space}{}", self.message)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Section => "section",
            Self::Key => "key",
            Self::Loop => "loop",
            Self::Parameter => "parameter",
            Self::Condition => "condition",
            Self::Resource => "resource",
            Self::Attribute => "attribute",
            Self::Property => "property",
            Self::Output => "output",
        })
    }
}

/// Problems, each told once, in the order in which they were found.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    found: Vec<Problem>,
    told: HashSet<(Place, String)>,
}

impl Problems {
    /// Adds a problem, unless it is told already.
    pub fn push(&mut self, problem: Problem) {
        if !problem.is_told && self.told.insert((problem.place, problem.to_string())) {
            self.found.push(problem);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The problems that are not of this kind.
    pub(crate) fn not_of(mut self, kind: ProblemKind) -> Self {
        self.found.retain(|problem| problem.kind != kind);
        self
    }

    /// The problems by their place.
    pub fn into_sorted(mut self) -> Vec<Problem> {
        self.found.sort_by_key(|problem| problem.place);
        self.found
    }
}

impl Extend<Problem> for Problems {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        problems.into_iter().for_each(|problem| self.push(problem));
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.found.into_iter()
    }
}
