//! Checks a SAM or CloudFormation template against what AWS asks of event-driven systems, and what experience
//! adds: queues that hide a message for long enough, failures that end up somewhere, policies that let nobody in.
//!
//! It takes any template. What a template leaves to AWS (a parameter without a default, an import, a secret) is
//! unknown, and nothing unknown is ever reported as a finding; [`Report::notes`] says what could not be judged.
//!
#![doc = include_str!("../README.md")]

mod acceptance;
mod finding;
mod pattern;
mod reading;
mod report;
mod rules;
mod stack;
mod stage;

pub use fanfare_template::{LeftOut, Place, Unreadable};
pub use finding::{Accepted, Finding, Note};
pub use report::{json, plain, sarif};
pub use rules::{RULES, Rule, rule};

use acceptance::Acceptance;
use fanfare_event::Catalogue;
use fanfare_template::roles::Roles;
use reading::Reading;
use rules::Findings;
use stack::{Spot, Stack};
use std::collections::BTreeMap;

/// What a template is judged as.
#[derive(Debug, Clone)]
pub struct Options {
    /// Values for parameters; others have their defaults.
    pub parameters: BTreeMap<String, String>,
    /// The stage, given to parameters such as `Stage` that allow it. Some rules are about production alone.
    pub stage: String,
    /// Invocations at once that the account allows: 1,000 unless AWS was asked for another number.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
    pub account_concurrency: u32,
    /// What is known of the project around the template.
    pub project: Project,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            parameters: BTreeMap::new(),
            stage: "prod".to_owned(),
            account_concurrency: 1000,
            project: Project::default(),
        }
    }
}

/// A project whose code and template must agree. What is not known of it is noted by the rules that need it.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The catalogue of events, which says every type that is ever announced.
    pub catalogue: Option<CatalogueFile>,
    /// The programs that consume events, by name.
    pub consumers: Option<Vec<String>>,
}

/// A catalogue of events, and the file that it was read from.
#[derive(Debug, Clone)]
pub struct CatalogueFile {
    /// What findings call the file.
    pub name: String,
    /// What it says.
    pub catalogue: Catalogue,
}

/// What there is to say of a template.
#[derive(Debug)]
pub struct Report {
    /// The template's path, as it was given.
    pub template: String,
    /// The names of its parameters.
    pub parameters: Vec<String>,
    /// What is broken, in the template's order.
    pub findings: Vec<Finding>,
    /// What is broken and accepted.
    pub accepted: Vec<Accepted>,
    /// What could not be judged.
    pub notes: Vec<Note>,
    /// What is not deployed with these parameters.
    pub left_out: Vec<LeftOut>,
}

/// Checks a template's text; `path` is what findings call it.
///
/// # Errors
/// [`Unreadable`]: the text is no YAML or JSON, or no template.
pub fn lint(path: &str, text: &str, options: &Options) -> Result<Report, Unreadable> {
    let Reading { parameters, known, left_out, accepted } = Reading::of(text, options)?;
    let (roles, _) = Roles::of(&known);
    let stack = Stack { known: &known, left_out: &left_out, roles: &roles, options };
    let mut report = Report {
        template: path.to_owned(),
        parameters,
        findings: Vec::new(),
        accepted: Vec::new(),
        notes: Vec::new(),
        left_out: known.left_out.clone(),
    };
    for rule in RULES {
        let mut findings = Findings::new(rule);
        (rule.check)(&stack, &mut findings);
        report.findings.extend(findings.found);
        report.notes.extend(findings.notes);
    }
    report.accept(&accepted);
    report.findings.sort_by_key(|finding| finding.place);
    report.notes.sort_by_key(|note| note.place);
    Ok(report)
}

impl Report {
    /// Takes out the findings that are accepted, and adds those about acceptances.
    fn accept(&mut self, acceptances: &[Acceptance]) {
        let findings = std::mem::take(&mut self.findings);
        for acceptance in acceptances {
            match rules::acceptance_fault(acceptance) {
                Some((reason, remedy)) => self.refuse(acceptance, reason, remedy),
                None if findings.iter().any(|finding| acceptance.covers(finding)) => {}
                None => self.notes.push(Note {
                    rule: Some(&rules::BAD_ACCEPTANCE),
                    resource: acceptance.resource.clone().unwrap_or_default(),
                    property: "Metadata.Fanfare.Accept".to_owned(),
                    place: acceptance.place,
                    text: format!(
                        "{} is not broken here",
                        acceptance.rule.as_deref().unwrap_or("?")
                    ),
                }),
            }
        }
        for finding in findings {
            let acceptance = acceptances.iter().find(|acceptance| acceptance.covers(&finding));
            match acceptance.and_then(|acceptance| acceptance.because.clone()) {
                Some(because) => self.accepted.push(Accepted { finding, because }),
                None => self.findings.push(finding),
            }
        }
    }

    fn refuse(&mut self, acceptance: &Acceptance, reason: String, remedy: String) {
        let mut findings = Findings::new(&rules::BAD_ACCEPTANCE);
        let spot = Spot {
            resource: acceptance.resource.clone().unwrap_or_default(),
            property: "Metadata.Fanfare.Accept".to_owned(),
            place: acceptance.place,
        };
        findings.report(spot, reason, remedy);
        self.findings.extend(findings.found);
    }
}

impl Acceptance {
    /// Whether the finding is what is accepted here.
    fn covers(&self, finding: &Finding) -> bool {
        rules::acceptance_fault(self).is_none()
            && self.rule.as_deref() == Some(finding.rule.id)
            && self.resource.as_ref().is_none_or(|resource| *resource == finding.resource)
    }
}
