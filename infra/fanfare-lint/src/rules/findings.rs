//! Where a rule puts what it finds.

use super::Rule;
use crate::finding::{Finding, Note};
use crate::stack::Spot;

/// What one rule found.
pub(crate) struct Findings {
    rule: &'static Rule,
    pub(crate) found: Vec<Finding>,
    pub(crate) notes: Vec<Note>,
}

impl Findings {
    pub(crate) fn new(rule: &'static Rule) -> Self {
        Self { rule, found: Vec::new(), notes: Vec::new() }
    }

    /// The rule is broken here.
    pub(crate) fn report(
        &mut self,
        spot: Spot,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let Spot { resource, property, place } = spot;
        let same = |other: &&Finding| other.resource == resource && other.property == property;
        let ordinal = self.found.iter().filter(same).count();
        let (reason, remedy) = (reason.into(), remedy.into());
        let rule = self.rule;
        self.found.push(Finding { rule, resource, property, place, reason, remedy, ordinal });
    }

    /// Whether the rule is broken here depends on something that only AWS knows.
    pub(crate) fn undecided(&mut self, spot: Spot, depends_on: &str) {
        self.remark(spot, format!("not judged: it depends on {depends_on}"));
    }

    /// There is something to say that is no finding.
    pub(crate) fn remark(&mut self, spot: Spot, text: String) {
        let Spot { resource, property, place } = spot;
        self.notes.push(Note { rule: Some(self.rule), resource, property, place, text });
    }
}
