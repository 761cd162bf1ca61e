//! No template makes the runner panic, overflow or hang.

use std::fmt::Write;

use proptest::prelude::*;

use super::{given, given_resources};

/// Words that a template for the runner is made of.
const WORDS: [&str; 24] = [
    "AWS::SQS::Queue",
    "AWS::SNS::Topic",
    "AWS::DynamoDB::Table",
    "AWS::Serverless::Function",
    "AWS::Lambda::EventSourceMapping",
    "AWS::ApiGatewayV2::Route",
    "AWS::Lambda::Url",
    "!Ref A",
    "!GetAtt A.Arn",
    "!GetAtt B.StreamArn",
    "!Sub '${A.QueueName}${B}'",
    "!Ref AWS::NoValue",
    "!ImportValue x",
    "{{resolve:ssm:x}}",
    "[a]",
    "{ a: b }",
    "~",
    "5",
    "-1",
    "''",
    "é",
    "rate(99999999999999999999 days)",
    "integrations/A",
    "arn:aws:sqs:eu-west-1:000000000000:shop-A",
];

/// Properties that the runner reads.
const PROPERTIES: [&str; 14] = [
    "QueueName",
    "FifoQueue",
    "RedrivePolicy",
    "TopicName",
    "StreamSpecification",
    "KeySchema",
    "CodeUri",
    "Events",
    "FunctionName",
    "EventSourceArn",
    "Target",
    "TargetFunctionArn",
    "Environment",
    "Timeout",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn resources_of_any_kind_with_any_properties(
        resources in proptest::collection::vec(
            (
                proptest::sample::select(WORDS.to_vec()),
                proptest::collection::vec(
                    (proptest::sample::select(PROPERTIES.to_vec()), proptest::sample::select(WORDS.to_vec())),
                    0..5,
                ),
            ),
            1..4,
        )
    ) {
        let mut text = String::new();
        for ((kind, properties), id) in resources.iter().zip(["A", "B", "C"]) {
            let properties: String =
                properties.iter().map(|(name, value)| format!("{name}: {value}, ")).collect();
            writeln!(text, "  {id}: {{ Type: {kind}, Properties: {{ {properties} }} }}").expect("text");
        }
        // Whatever it says of it, it says something.
        drop(given_resources(&text).load());
    }
}

#[test]
fn names_that_double_each_other_fill_no_memory() {
    let mut text =
        "Resources:\n  Q0: { Type: AWS::SQS::Queue, Properties: { QueueName: xxxxxxxx } }\n"
            .to_owned();
    for n in 1..60 {
        let before = n - 1;
        writeln!(
            text,
            "  Q{n}: {{ Type: AWS::SQS::Queue, Properties: {{ QueueName: !Sub '${{Q{before}.QueueName}}${{Q{before}.QueueName}}' }} }}"
        )
        .expect("text");
    }

    let problems = given(&text).problems();

    assert!(
        problems.iter().any(|problem| problem.message == "resolves to too much"),
        "{problems:?}"
    );
}
