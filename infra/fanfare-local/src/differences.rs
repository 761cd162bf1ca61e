//! What runs here otherwise than on AWS, though nothing is refused.

use crate::template::stack::Authorization;
use crate::template::{Fault, FaultKind, Loaded, is_inert};

/// What differs, by line.
pub(crate) fn of(loaded: &Loaded) -> Vec<Fault> {
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
    let mut all: Vec<_> = inert.chain(signed).collect();
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
