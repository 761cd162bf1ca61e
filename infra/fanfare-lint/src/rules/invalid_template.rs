//! AWS takes the template.

use super::{Findings, Rule};
use crate::stack::{Spot, Stack};
use fanfare_template::{Part, Problem, ProblemKind};

pub(super) static INVALID_TEMPLATE: Rule = Rule {
    id: "invalid-template",
    title: "Template that AWS refuses",
    why: "A deployment of it fails, at the latest when the resource in question is to be made.",
    page: "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html",
    check,
};

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    for problem in &stack.known.problems {
        let spot = spot(problem);
        match problem.kind {
            ProblemKind::Invalid => {
                findings.report(
                    spot,
                    problem.message.as_str(),
                    "Correct it, so that AWS takes the template.",
                );
            }
            ProblemKind::Unsupported | ProblemKind::Unknown => {
                findings.remark(spot, format!("not judged: it {}", problem.message));
            }
        }
    }
}

fn spot(problem: &Problem) -> Spot {
    let entry = || {
        let (part, name) = problem.subject.first()?;
        Some(match part {
            Part::Parameter => format!("Parameters.{name}"),
            Part::Condition => format!("Conditions.{name}"),
            Part::Output => format!("Outputs.{name}"),
            Part::Loop => format!("Fn::ForEach::{name}"),
            _ => name.clone(),
        })
    };
    let resource = problem.resource().unwrap_or_default().to_owned();
    let property = match (problem.property(), resource.is_empty()) {
        (Some(property), _) => property.to_owned(),
        (None, true) => entry().unwrap_or_default(),
        (None, false) => String::new(),
    };
    Spot { resource, property, place: problem.place }
}
