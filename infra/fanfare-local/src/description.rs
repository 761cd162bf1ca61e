//! What the runner tells of the stack that it runs: `GET /_fanfare/stack`.

use std::path::Path;

use fanfare_template::roles::{NotDescribed, ResourceDescription, StackDescription};

use crate::options::Options;
use crate::template::Stack;

/// What the template says, with the names that its resources have here.
///
/// # Errors
/// When the template is unclear about its resources' roles.
pub(crate) fn describe(
    stack: &Stack,
    options: &Options,
    api_url: &str,
) -> Result<StackDescription, NotDescribed> {
    let template = std::path::absolute(&options.template);
    let template = template.as_deref().unwrap_or(&options.template);
    let said = read(template, options)?;
    let resources = said.resources.into_iter().map(|resource| here(resource, stack)).collect();
    Ok(StackDescription { api_url: Some(api_url.to_owned()), resources, ..said })
}

fn read(template: &Path, options: &Options) -> Result<StackDescription, NotDescribed> {
    StackDescription::read(template, &options.stack_name, &options.parameters)
}

/// A resource as it is here.
fn here(resource: ResourceDescription, stack: &Stack) -> ResourceDescription {
    let id = resource.logical_id.as_str();
    let queue = stack.queues.iter().find(|queue| queue.logical_id == id);
    let queue = queue.map(|queue| (&queue.name, &queue.arn));
    let table = stack.tables.iter().find(|table| table.logical_id == id);
    let table = table.map(|table| (&table.name, &table.arn));
    let topic = stack.topics.iter().find(|topic| topic.logical_id == id);
    let topic = topic.map(|topic| (&topic.name, &topic.arn));
    let function = stack.functions.iter().find(|function| function.logical_id == id);
    let function = function.map(|function| (&function.name, &function.arn));
    let Some((name, arn)) = queue.or(table).or(topic).or(function) else { return resource };
    let url = stack.queues.iter().find(|queue| queue.logical_id == id).map(|queue| &queue.url);
    ResourceDescription {
        name: Some(name.clone()),
        arn: Some(arn.clone()),
        url: url.cloned(),
        ..resource
    }
}
