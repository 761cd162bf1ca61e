//! One file per service: what each resource type adds to the stack, and what a reference to it gives.
//!
//! A type lists the properties that it takes; those that make no difference on one machine are ignored
//! by name, and any other is an error.

mod authorizer;
mod code;
mod dynamodb;
mod event_source;
mod events;
mod function;
mod http;
mod inert;
mod schedule;
mod sns;
mod sqs;

use fanfare_template::{Declaration, Problem};

use super::properties::Properties;
use super::scope::Scope;
use super::stack::Stack;

pub(crate) use inert::is_inert;

/// The types that are run here. Those that do nothing here are [`is_inert`].
const RUN: [&str; 16] = [
    "AWS::SQS::Queue",
    "AWS::SNS::Topic",
    "AWS::SNS::Subscription",
    "AWS::DynamoDB::Table",
    "AWS::Serverless::SimpleTable",
    "AWS::Serverless::Function",
    "AWS::Lambda::Function",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Url",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Stage",
    "AWS::Serverless::HttpApi",
    "AWS::Events::Rule",
];

/// Whether resources of a type are taken.
pub(super) fn is_served(kind: &str) -> bool {
    RUN.contains(&kind) || is_inert(kind)
}

/// Adds what an active resource stands for.
pub(super) fn add(
    scope: &Scope<'_>,
    resource: &Declaration,
    properties: Properties,
    stack: &mut Stack,
) -> Result<(), Problem> {
    match resource.kind.as_str() {
        "AWS::SQS::Queue" => sqs::add(scope, resource, properties, stack),
        "AWS::SNS::Topic" => sns::add_topic(scope, resource, properties, stack),
        "AWS::SNS::Subscription" => sns::add_subscription(scope, resource, properties, stack),
        "AWS::DynamoDB::Table" => dynamodb::add_table(scope, resource, properties, stack),
        "AWS::Serverless::SimpleTable" => {
            dynamodb::add_simple_table(scope, resource, properties, stack)
        }
        "AWS::Serverless::Function" => function::add_serverless(scope, resource, properties, stack),
        "AWS::Lambda::Function" => function::add_plain(scope, resource, properties, stack),
        "AWS::Lambda::EventSourceMapping" => event_source::add(scope, resource, properties, stack),
        "AWS::Lambda::Url" => http::add_url(scope, properties, stack),
        "AWS::ApiGatewayV2::Api" => http::add_api(scope, properties, stack),
        "AWS::ApiGatewayV2::Integration" => http::check_integration(scope, properties),
        "AWS::ApiGatewayV2::Route" => http::add_route(scope, properties, stack),
        "AWS::ApiGatewayV2::Authorizer" => authorizer::check(properties),
        "AWS::ApiGatewayV2::Stage" => http::check_stage(scope, properties),
        "AWS::Serverless::HttpApi" => http::check_serverless_api(properties),
        "AWS::Events::Rule" => schedule::add_rule(scope, resource, properties, stack),
        kind if is_inert(kind) => Ok(()),
        _ => Err(unserved(resource)),
    }
}

/// The problem that there is no such resource here.
pub(super) fn unserved(resource: &Declaration) -> Problem {
    let kind = &resource.kind;
    let message = format!("is of type {kind}, which is not supported by the local runner");
    Problem::unsupported(resource.place, message)
}

/// What `Ref` gives.
pub(super) fn reference(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    match resource.kind.as_str() {
        "AWS::SQS::Queue" => sqs::url(scope, resource),
        "AWS::SNS::Topic" => sns::arn(scope, resource),
        "AWS::DynamoDB::Table" | "AWS::Serverless::SimpleTable" => dynamodb::name(scope, resource),
        "AWS::Serverless::Function" | "AWS::Lambda::Function" => function::name(scope, resource),
        "AWS::Lambda::Url" => http::url_function(scope, resource),
        "AWS::Events::Rule" => scope.name(resource, "Name"),
        kind if is_inert(kind) => inert::reference(scope, resource),
        // An id that AWS would make up.
        _ => Ok(resource.id.clone()),
    }
}

/// What `Fn::GetAtt` gives; `None` if the type has no such attribute.
pub(super) fn attribute(
    scope: &Scope<'_>,
    resource: &Declaration,
    name: &str,
) -> Result<Option<String>, Problem> {
    match (resource.kind.as_str(), name) {
        ("AWS::SQS::Queue", _) => sqs::attribute(scope, resource, name),
        ("AWS::SNS::Topic", "TopicArn") => sns::arn(scope, resource).map(Some),
        ("AWS::SNS::Topic", "TopicName") => sns::name(scope, resource).map(Some),
        ("AWS::DynamoDB::Table" | "AWS::Serverless::SimpleTable", _) => {
            dynamodb::attribute(scope, resource, name)
        }
        ("AWS::Serverless::Function" | "AWS::Lambda::Function", "Arn") => {
            function::arn(scope, resource).map(Some)
        }
        ("AWS::Lambda::Url", "FunctionArn") => http::url_function(scope, resource).map(Some),
        ("AWS::Lambda::Url", "FunctionUrl")
        | ("AWS::ApiGatewayV2::Api" | "AWS::Serverless::HttpApi", "ApiEndpoint") => {
            Ok(Some(scope.local.context.api_endpoint.clone()))
        }
        ("AWS::ApiGatewayV2::Api" | "AWS::Serverless::HttpApi", "ApiId")
        | ("AWS::ApiGatewayV2::Integration", "IntegrationId")
        | ("AWS::ApiGatewayV2::Route", "RouteId")
        | ("AWS::Lambda::EventSourceMapping", "Id") => Ok(Some(resource.id.clone())),
        ("AWS::Events::Rule", "Arn") => {
            let name = scope.name(resource, "Name")?;
            Ok(Some(scope.arn("events", &format!("rule/{name}"))))
        }
        // Which attributes a type has that is not served here, AWS knows.
        (kind, _) if is_inert(kind) || !is_served(kind) => {
            inert::attribute(scope, resource, name).map(Some)
        }
        _ => Ok(None),
    }
}
