//! Reading a template as it would be deployed to a stage.

use crate::acceptance::{self, Acceptance};
use crate::{Options, stage};
use fanfare_template::{Inputs, Known, Resource, Template, Unreadable};

/// A template, read.
pub(crate) struct Reading {
    /// The names of its parameters.
    pub(crate) parameters: Vec<String>,
    pub(crate) known: Known,
    /// The resources that conditions leave out, as they would be.
    pub(crate) left_out: Vec<Resource>,
    pub(crate) accepted: Vec<Acceptance>,
}

impl Reading {
    pub(crate) fn of(text: &str, options: &Options) -> Result<Self, Unreadable> {
        let template = read(text, options)?;
        let known = template.known();
        let own = acceptance::of(&known.metadata, None);
        let resources = known.resources.iter();
        let resources =
            resources.flat_map(|resource| acceptance::of(&resource.metadata, Some(&resource.id)));
        Ok(Self {
            parameters: template.parameters.iter().map(|known| known.name.clone()).collect(),
            accepted: own.into_iter().chain(resources).collect(),
            left_out: template.left_out(),
            known,
        })
    }
}

/// Parameters that are about the stage get it, those aside that were given a value or cannot have that one.
fn read(text: &str, options: &Options) -> Result<Template, Unreadable> {
    let mut inputs = Inputs { parameters: options.parameters.clone(), stack: None };
    let template = Template::read(text, &inputs)?;
    let given = inputs.parameters.len();
    for parameter in &template.parameters {
        if let Some(stage) = stage::value_for(parameter, &options.stage) {
            inputs.parameters.entry(parameter.name.clone()).or_insert(stage);
        }
    }
    if inputs.parameters.len() == given {
        return Ok(template);
    }
    let of_stage = Template::read(text, &inputs)?;
    match of_stage.problems.len() > template.problems.len() {
        true => Ok(template),
        false => Ok(of_stage),
    }
}
