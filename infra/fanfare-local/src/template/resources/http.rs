//! HTTP fronts: API Gateway v2, SAM's `HttpApi`, function URLs. All of them end in routes to functions.

use fanfare_template::{Declaration, Problem};

use super::super::properties::{Properties, Property};
use super::super::scope::Scope;
use super::super::stack::{Authorization, Route, Stack};
use super::authorizer::{self, Asked};
use super::function;

const DEFAULT: &str = "$default";
const APIS: [&str; 2] = ["AWS::ApiGatewayV2::Api", "AWS::Serverless::HttpApi"];

/// Request metering, logs and names.
const IGNORED: [&str; 11] = [
    "AccessLogSettings",
    "CredentialsArn",
    "DefaultRouteSettings",
    "Description",
    "DisableExecuteApiEndpoint",
    "Name",
    "PropagateTags",
    "RouteSettings",
    "Tags",
    "TimeoutInMillis",
    "Version",
];

pub(super) fn add_api(
    scope: &Scope<'_>,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    properties.require("ProtocolType")?.one_of(&["HTTP"])?;
    let key = properties.text("RouteKey")?.unwrap_or_else(|| DEFAULT.into());
    if let Some(target) = properties.take("Target") {
        let function = function::target(scope, &target, invoked)?;
        stack.routes.push(Route { key, function, authorization: Authorization::None });
    }
    properties.ignore(&IGNORED);
    properties.finish()
}

pub(super) fn check_serverless_api(mut properties: Properties) -> Result<(), Problem> {
    if let Some(stage) = properties.take("StageName") {
        stage.one_of(&[DEFAULT])?;
    }
    if let Some(auth) = properties.take("Auth") {
        authorizer::check_of_sam(auth.fields()?)?;
    }
    properties.ignore(&IGNORED);
    properties.finish()
}

pub(super) fn check_integration(
    scope: &Scope<'_>,
    mut properties: Properties,
) -> Result<(), Problem> {
    api(scope, &properties.require("ApiId")?)?;
    properties.require("IntegrationType")?.one_of(&["AWS_PROXY"])?;
    properties.require("PayloadFormatVersion")?.one_of(&["2.0"])?;
    function::target(scope, &properties.require("IntegrationUri")?, invoked)?;
    properties.ignore(&IGNORED);
    properties.ignore(&["IntegrationMethod", "ConnectionType"]);
    properties.finish()
}

pub(super) fn add_route(
    scope: &Scope<'_>,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    api(scope, &properties.require("ApiId")?)?;
    let key = properties.require("RouteKey")?;
    let target = properties.require("Target")?;
    let asked = Asked::of_route(&mut properties);
    properties.ignore(&["OperationName", "ApiKeyRequired"]);
    properties.finish()?;
    let function = integrated(scope, &target)?;
    let authorization = authorizer::of_route(scope, asked)?;
    stack.routes.push(Route { key: route_key(&key)?, function, authorization });
    Ok(())
}

pub(super) fn check_stage(scope: &Scope<'_>, mut properties: Properties) -> Result<(), Problem> {
    api(scope, &properties.require("ApiId")?)?;
    properties.require("StageName")?.one_of(&[DEFAULT])?;
    properties.ignore(&IGNORED);
    properties.ignore(&["AutoDeploy", "DeploymentId"]);
    properties.finish()
}

pub(super) fn add_url(
    scope: &Scope<'_>,
    mut properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    let function = function::target(scope, &properties.require("TargetFunctionArn")?, |arn| arn)?;
    let authorization = url_authorization(properties)?;
    stack.routes.push(Route { key: DEFAULT.into(), function, authorization });
    Ok(())
}

pub(super) fn add_url_config(
    function: &Declaration,
    properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    let authorization = url_authorization(properties)?;
    stack.routes.push(Route { key: DEFAULT.into(), function: function.id.clone(), authorization });
    Ok(())
}

pub(super) fn route_of_event(
    scope: &Scope<'_>,
    function: String,
    mut properties: Properties,
) -> Result<Route, Problem> {
    let own = match properties.take("ApiId") {
        Some(id) => api(scope, &id)?,
        None => None,
    };
    let authorization = authorizer::of_sam(scope, own, properties.take("Auth"))?;
    if let Some(version) = properties.take("PayloadFormatVersion") {
        version.one_of(&["2.0"])?;
    }
    let key = match (properties.take("Method"), properties.take("Path")) {
        (None, None) => DEFAULT.to_owned(),
        (Some(method), None) => return Err(method.fault("needs a Path beside it")),
        (None, Some(path)) => format!("ANY {}", path.text()?),
        (Some(method), Some(path)) => format!("{} {}", verb(method.text()?), path.text()?),
    };
    properties.ignore(&["TimeoutInMillis", "RouteSettings"]);
    properties.finish()?;
    Ok(Route { key, function, authorization })
}

/// `Ref` on a function URL gives the function's ARN.
pub(super) fn url_function(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    Ok(scope.own_text(resource, "TargetFunctionArn")?.unwrap_or_else(|| resource.id.clone()))
}

fn url_authorization(mut properties: Properties) -> Result<Authorization, Problem> {
    let authorization = match properties.require("AuthType")?.one_of(&["NONE", "AWS_IAM"])? {
        "AWS_IAM" => Authorization::Iam,
        _ => Authorization::None,
    };
    if let Some(mode) = properties.take("InvokeMode") {
        mode.one_of(&["BUFFERED"])?;
    }
    properties.finish()?;
    Ok(authorization)
}

/// The API of the template that is meant; `None` where it is the one that SAM makes up.
fn api<'s>(scope: &Scope<'s>, id: &Property) -> Result<Option<&'s Declaration>, Problem> {
    let given = id.text()?;
    match scope.find(&APIS, |api| Ok(api.id == given))? {
        None if given != "ServerlessHttpApi" => {
            Err(id.unsupported(format!("is {given}, which is no HTTP API of this template")))
        }
        found => Ok(found),
    }
}

/// From `integrations/ID` to the function behind it.
fn integrated(scope: &Scope<'_>, target: &Property) -> Result<String, Problem> {
    let given = target.text()?;
    let id = given.strip_prefix("integrations/").unwrap_or(given);
    let integration =
        scope.find(&["AWS::ApiGatewayV2::Integration"], |other| Ok(other.id == id))?;
    let wrong =
        || target.unsupported(format!("is {given}, which is no integration of this template"));
    let integration = integration.ok_or_else(wrong)?;
    let uri = scope.properties(integration)?.require("IntegrationUri")?;
    function::target(scope, &uri, invoked)
}

/// The function's ARN in `arn:…:path/2015-03-31/functions/ARN/invocations`.
fn invoked(uri: &str) -> &str {
    let arn = uri.split_once("/functions/").and_then(|(_, rest)| rest.strip_suffix("/invocations"));
    arn.unwrap_or(uri)
}

fn route_key(key: &Property) -> Result<String, Problem> {
    let text = key.text()?;
    match text.split_once(' ') {
        _ if text == DEFAULT => Ok(text.to_owned()),
        Some((method, path)) if path.starts_with('/') => Ok(format!("{} {path}", verb(method))),
        _ => Err(key.fault(format!("is {text} and must be $default or like GET /orders"))),
    }
}

fn verb(method: &str) -> String {
    match method.to_ascii_uppercase().as_str() {
        "*" | "X-AMAZON-APIGATEWAY-ANY-METHOD" => "ANY".to_owned(),
        other => other.to_owned(),
    }
}
