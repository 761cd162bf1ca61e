//! Which actions can be allowed for less than every resource.

use crate::pattern::fits;

/// By service: the actions that take a resource.
const TABLE: &str = include_str!("resource_actions.txt");

/// Whether a pattern such as `sqs:SendMessage` or `dynamodb:Get*` means an action that takes a resource. `false`
/// also for what is not in the table.
pub(super) fn takes_a_resource(pattern: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    let Some((service, action)) = pattern.split_once(':') else { return false };
    actions(service).any(|known| fits(action, known))
}

fn actions(service: &str) -> impl Iterator<Item = &'static str> {
    let mut lines = TABLE.lines();
    let found = lines.any(|line| line.strip_suffix(':') == Some(service));
    let lines = lines.take_while(move |line| found && line.starts_with(' '));
    lines.flat_map(str::split_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_takes_a_resource_if_aws_says_so() {
        for finer in ["sqs:SendMessage", "dynamodb:Get*", "s3:?etObject", "kms:Decrypt", "lambda:*"]
        {
            assert!(takes_a_resource(finer), "{finer}");
        }
        for not_finer in [
            "dynamodb:ListStreams",
            "sqs:ListQueues",
            "xray:PutTraceSegments",
            "cloudwatch:PutMetricData",
            "logs:DescribeLogGroups",
            "ec2:CreateNetworkInterface",
            "s3:ListAllMyBuckets",
            "nonsense",
        ] {
            assert!(!takes_a_resource(not_finer), "{not_finer}");
        }
    }
}
