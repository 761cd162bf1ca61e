//! Parts of a template, its resources aside, that AWS takes and the runner does not.

use fanfare_template::{Part, Problem, Template};

const SECTIONS: [&str; 2] = ["Rules", "Hooks"];

pub(super) fn parts(template: &Template) -> Vec<Problem> {
    let message = "is not supported by the local runner";
    let sections = template.sections().filter(|(name, _)| SECTIONS.contains(name));
    let sections =
        sections.map(|(name, place)| Problem::unsupported(place, message).of(Part::Section, name));
    let globals = template.globals().filter(|(kind, _)| *kind != "Function");
    let globals = globals.map(|(kind, place)| {
        Problem::unsupported(place, message).of(Part::Section, &format!("Globals.{kind}"))
    });
    sections.chain(globals).collect()
}
