//! Lambda functions: the SAM type and the plain one.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use fanfare_template::{Declaration, Problem};

use super::super::front::localised;
use super::super::properties::{Properties, Property};
use super::super::scope::Scope;
use super::super::stack::{Function, Stack};
use super::code::Code;
use super::{events, http};

const KINDS: [&str; 2] = ["AWS::Serverless::Function", "AWS::Lambda::Function"];

/// Who may do what, where it runs, how it is watched and deployed.
const IGNORED: [&str; 20] = [
    "FunctionName",
    "Description",
    "Role",
    "Policies",
    "PermissionsBoundary",
    "AssumeRolePolicyDocument",
    "RolePath",
    "Tags",
    "PropagateTags",
    "Tracing",
    "TracingConfig",
    "LoggingConfig",
    "VpcConfig",
    "KmsKeyArn",
    "CodeSigningConfigArn",
    "AutoPublishAlias",
    "DeploymentPreference",
    "VersionDescription",
    "EphemeralStorage",
    "RecursiveLoop",
];

pub(super) fn add_serverless(
    scope: &Scope<'_>,
    resource: &Declaration,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    let code = Code::of_serverless(scope, resource, &mut properties)?;
    let url = properties.take("FunctionUrlConfig");
    let events = properties.take("Events");
    add(scope, resource, &code, properties, stack)?;
    if let Some(url) = url {
        http::add_url_config(resource, url.fields()?, stack)?;
    }
    if let Some(events) = events {
        events::add(scope, resource, &events, stack)?;
    }
    code.runtime().map(drop)
}

pub(super) fn add_plain(
    scope: &Scope<'_>,
    resource: &Declaration,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    let code = Code::of_plain(scope, resource, &mut properties)?;
    add(scope, resource, &code, properties, stack)?;
    code.runtime().map(drop)
}

pub(super) fn name(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    scope.name(resource, "FunctionName")
}

pub(super) fn arn(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    Ok(scope.arn("lambda", &format!("function:{}", name(scope, resource)?)))
}

/// The function that a property means, by its name or ARN; `extract` cuts the ARN out of a longer form.
pub(super) fn target(
    scope: &Scope<'_>,
    property: &Property,
    extract: fn(&str) -> &str,
) -> Result<String, Problem> {
    let given = extract(property.text()?);
    let is_target = |function: &Declaration| {
        Ok(name(scope, function)? == given || arn(scope, function)? == given)
    };
    match scope.find(&KINDS, is_target)? {
        Some(function) => Ok(function.id.clone()),
        None => {
            Err(property.unsupported(format!("is {given}, which is no function of this template")))
        }
    }
}

fn add(
    scope: &Scope<'_>,
    resource: &Declaration,
    code: &Code,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    let timeout = properties.number("Timeout", 1..=900)?.unwrap_or(3);
    let binary = binary(resource);
    let architectures = properties.take("Architectures");
    let function = Function {
        logical_id: resource.id.clone(),
        name: name(scope, resource)?,
        arn: arn(scope, resource)?,
        program: binary.clone().unwrap_or_else(|| folder_name(&code.folder)),
        binary,
        // A runtime that there is not here is told by who asks for it, last.
        runtime: code.runtime().unwrap_or_default(),
        handler: code.handler.clone(),
        inline: code.inline.clone(),
        code: code.folder.clone(),
        environment: environment(scope, properties.take("Environment"))?,
        timeout: Duration::from_secs(timeout),
        is_arm: is_arm(architectures),
        memory_mb: properties.number("MemorySize", 128..=10_240)?.unwrap_or(128),
        reserved_concurrency: properties.number("ReservedConcurrentExecutions", 0..=u32::MAX)?,
    };
    properties.ignore(&IGNORED);
    properties.finish()?;
    stack.functions.push(function);
    Ok(())
}

/// What it is deployed for. Here that decides what it would cost and nothing else, so what can't be told is no fault.
fn is_arm(architectures: Option<Property>) -> bool {
    let first = architectures.and_then(|names| names.items().ok()?.into_iter().next());
    first.is_some_and(|name| name.text().is_ok_and(|name| name == "arm64"))
}

/// What SAM is told to build.
fn binary(resource: &Declaration) -> Option<String> {
    let properties = resource.metadata.as_ref()?.get("BuildProperties")?;
    properties.get("Binary")?.as_text().map(str::to_owned)
}

fn folder_name(code: &Path) -> String {
    code.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn environment(
    scope: &Scope<'_>,
    property: Option<Property>,
) -> Result<BTreeMap<String, String>, Problem> {
    let front = &scope.local.context.api_endpoint;
    let Some(property) = property else { return Ok(BTreeMap::new()) };
    let mut fields = property.fields()?;
    let variables = fields.take("Variables");
    fields.finish()?;
    let variables = match variables {
        Some(variables) => variables.fields()?,
        None => return Ok(BTreeMap::new()),
    };
    variables
        .rest()
        .iter()
        .map(|variable| Ok((variable.key.clone(), localised(variable.text()?, front))))
        .collect()
}
