//! Which actions can be allowed for less than every resource.

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

/// Whether a name fits a pattern of `*` and `?`.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.as_bytes(), name.as_bytes());
    let (mut at, mut from) = (0, 0);
    // Where the last `*` stands, and where what it stands for ends so far.
    let mut star = None;
    while from < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(b'?') => (at, from) = (at + 1, from + 1),
            Some(byte) if *byte == name[from] => (at, from) = (at + 1, from + 1),
            _ => match star {
                Some((before, end)) => {
                    star = Some((before, end + 1));
                    (at, from) = (before + 1, end + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
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

    #[test]
    fn patterns_fit_as_in_iam() {
        assert!(fits("*", ""));
        assert!(fits("a*b*c", "axxbyyc"));
        assert!(!fits("a*b", "axbx"));
        assert!(!fits("a?", "a"));
        assert!(fits("ab", "ab"));
    }
}
