//! Resources that are accepted and do nothing on one machine: permissions, logs, alarms, identities.

use fanfare_template::{Declaration, Problem};

use super::super::scope::Scope;

pub(crate) fn is_inert(kind: &str) -> bool {
    const KINDS: [&str; 6] = [
        "AWS::KMS::Key",
        "AWS::SQS::QueuePolicy",
        "AWS::SNS::TopicPolicy",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::SES::EmailIdentity",
    ];
    KINDS.contains(&kind) || kind.starts_with("AWS::IAM::") || kind.starts_with("AWS::CloudWatch::")
}

pub(super) fn reference(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    match resource.kind.as_str() {
        "AWS::IAM::ManagedPolicy" => arn(scope, resource),
        _ => name(scope, resource),
    }
}

/// Of the attributes only the ARN has a form to keep; the others are made up.
pub(super) fn attribute(
    scope: &Scope<'_>,
    resource: &Declaration,
    attribute: &str,
) -> Result<String, Problem> {
    match attribute {
        "Arn" | "PolicyArn" | "DashboardArn" => arn(scope, resource),
        "RoleName" | "LogGroupName" => name(scope, resource),
        other => Ok(format!("{}-{other}", resource.id)),
    }
}

fn name(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    // LogGroupName, RoleName, AlarmName: CloudFormation names a name after what it names.
    let property = match resource.kind.rsplit("::").next() {
        Some("EmailIdentity") => "EmailIdentity".to_owned(),
        Some(last) => format!("{last}Name"),
        None => return Ok(resource.id.clone()),
    };
    scope.name(resource, &property)
}

fn arn(scope: &Scope<'_>, resource: &Declaration) -> Result<String, Problem> {
    let name = name(scope, resource)?;
    Ok(match resource.kind.as_str() {
        "AWS::Logs::LogGroup" => scope.arn("logs", &format!("log-group:{name}:*")),
        "AWS::SES::EmailIdentity" => scope.arn("ses", &format!("identity/{name}")),
        "AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm" => {
            scope.arn("cloudwatch", &format!("alarm:{name}"))
        }
        "AWS::IAM::Role" => scope.global_arn("iam", &format!("role/{name}")),
        "AWS::IAM::ManagedPolicy" => scope.global_arn("iam", &format!("policy/{name}")),
        "AWS::IAM::User" => scope.global_arn("iam", &format!("user/{name}")),
        kind => {
            let parts: Vec<String> = kind.split("::").map(str::to_lowercase).collect();
            match parts.as_slice() {
                [_, service, what] => scope.arn(service, &format!("{what}/{name}")),
                _ => scope.arn("cloudformation", &name),
            }
        }
    })
}
