//! Where resolving is, how much it has cost, and what it found wrong.

use super::MAX_DEPTH;
use crate::document::{MAX_WEIGHT, Place};
use crate::problem::{Part, Problem, ProblemKind, Problems};
use crate::template::Template;
use crate::value::Unknown;
use std::cell::{Cell, RefCell};

/// The state of one resolver.
#[derive(Default)]
pub(super) struct Trail {
    /// What is being looked at, outermost part first.
    subject: RefCell<Vec<(Part, String)>>,
    /// What is being worked out, outermost first: meeting one of these again is a cycle.
    steps: RefCell<Vec<String>>,
    problems: RefCell<Problems>,
    /// Whether a macro may make right what looks wrong.
    is_rewritten: bool,
    depth: Cell<usize>,
    spent: Cell<usize>,
}

/// One level of depth, given back when it is left.
pub(super) struct Level<'t>(&'t Trail);

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.depth.set(self.0.depth.get() - 1);
    }
}

impl Trail {
    pub(super) fn of(template: &Template) -> Self {
        Self { is_rewritten: template.extensions.foreign_macro, ..Self::default() }
    }

    /// Looks at a part of the template.
    pub(super) fn within<T>(&self, part: Part, name: &str, look: impl FnOnce() -> T) -> T {
        self.subject.borrow_mut().push((part, name.to_owned()));
        let result = look();
        self.subject.borrow_mut().pop();
        result
    }

    /// Runs one step, or says which cycle it closes.
    pub(super) fn step<T>(
        &self,
        name: String,
        place: Place,
        run: impl FnOnce() -> Result<T, Unknown>,
    ) -> Result<T, Unknown> {
        let start = self.steps.borrow().iter().position(|step| *step == name);
        if let Some(start) = start {
            let cycle = format!("{} -> {name}", self.steps.borrow()[start..].join(" -> "));
            return Err(self.fault(place, format!("depends on itself: {cycle}")));
        }
        self.steps.borrow_mut().push(name);
        let result = run();
        self.steps.borrow_mut().pop();
        result
    }

    /// Goes one level deeper, if that is allowed.
    pub(super) fn descend(&self, place: Place) -> Result<Level<'_>, Unknown> {
        if self.depth.get() >= MAX_DEPTH {
            let message = format!("leads through more than {MAX_DEPTH} values");
            return Err(self.fault(place, message));
        }
        self.spend(1)?;
        self.depth.set(self.depth.get() + 1);
        Ok(Level(self))
    }

    /// Counts what is made: a value that is used often must not fill the memory.
    pub(super) fn spend(&self, weight: usize) -> Result<(), Unknown> {
        self.spent.set(self.spent.get().saturating_add(weight));
        if self.spent.get() <= MAX_WEIGHT {
            return Ok(());
        }
        // Where the limit is met depends on all that came before, so it is told of the template as a whole.
        self.problems.borrow_mut().push(Problem::invalid(Place::START, "resolves to too much"));
        Err(Unknown::fault())
    }

    /// Notes that AWS refuses the template here.
    pub(super) fn fault(&self, place: Place, message: impl Into<String>) -> Unknown {
        self.tell(Problem::invalid(place, message))
    }

    /// Notes a problem of what is being looked at.
    pub(super) fn tell(&self, problem: Problem) -> Unknown {
        if self.is_rewritten && problem.kind == ProblemKind::Invalid {
            return Unknown::fault();
        }
        let subject = self.subject.borrow();
        let placed =
            subject.iter().rev().fold(problem, |problem, (part, name)| problem.of(*part, name));
        self.problems.borrow_mut().push(placed);
        Unknown::fault()
    }

    pub(super) fn into_problems(self) -> Problems {
        self.problems.into_inner()
    }
}
