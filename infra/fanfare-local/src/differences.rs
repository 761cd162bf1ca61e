//! What runs here otherwise than on AWS, though nothing is refused.

use crate::functions::Program;
use crate::template::stack::{Authorization, Function};
use crate::template::{Fault, FaultKind, Loaded, is_inert};

/// What differs, by line.
pub(crate) fn of(loaded: &Loaded, programs: &[(String, Program)]) -> Vec<Fault> {
    let declared = loaded.template.iter().flat_map(|template| &template.resources);
    let inert = declared.filter(|resource| is_inert(&resource.kind)).map(|resource| Fault {
        kind: FaultKind::Resource,
        line: resource.place.line,
        resource: Some(resource.id.clone()),
        message: format!(
            "resource {} is of type {}: {}",
            resource.id,
            resource.kind,
            effect(&resource.kind)
        ),
    });
    let signed =
        loaded.stack.routes.iter().filter(|route| route.authorization == Authorization::Iam);
    let signed = signed.map(|route| Fault {
        kind: FaultKind::Property,
        line: loaded.place(&route.function).line,
        resource: Some(route.function.clone()),
        message: format!(
            "resource {}: route {} asks for a signature of IAM, whose presence alone is checked here",
            route.function, route.key
        ),
    });
    let interpreted = loaded.stack.functions.iter().filter_map(|function| {
        let (_, program) = programs.iter().find(|(id, _)| *id == function.logical_id)?;
        interpreter(function, program, loaded)
    });
    let mut all: Vec<_> = inert.chain(signed).chain(interpreted).collect();
    all.sort_by_key(|difference| difference.line);
    all
}

/// What is missing here of what a type does on AWS.
fn effect(kind: &str) -> &'static str {
    match kind {
        "AWS::KMS::Key" => "nothing is encrypted here",
        "AWS::Logs::LogGroup" => "functions log to the terminal here",
        "AWS::SES::EmailIdentity" => "every sender may send here, and no mail leaves the machine",
        kind if kind.starts_with("AWS::CloudWatch::") => {
            "nothing is measured and no alarm rings here"
        }
        _ => "everyone may do everything here",
    }
}

/// An interpreter of another version than on AWS.
fn interpreter(function: &Function, program: &Program, loaded: &Loaded) -> Option<Fault> {
    let version = program.other_version.as_ref()?;
    let (id, name) = (&function.logical_id, function.runtime.name());
    Some(Fault {
        kind: FaultKind::Runtime,
        line: loaded.place(id).line,
        resource: Some(id.clone()),
        message: format!("resource {id} is written for {name}, and {version} runs it here"),
    })
}
