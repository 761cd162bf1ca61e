//! What the runner can't do, or AWS would refuse, is an error that says where.

use super::{given, given_resources};

const FUNCTION: &str = "CodeUri: ., Runtime: provided.al2023";

/// A template of a queue, a FIFO queue, a topic, and a function with one event (on line 8).
fn with_event(event: &str) -> super::Given {
    given_resources(&format!(
        "  Orders: {{ Type: AWS::SQS::Queue }}
  Fifo: {{ Type: AWS::SQS::Queue, Properties: {{ FifoQueue: true }} }}
  Handle:
    Type: AWS::Serverless::Function
    Properties: {{ {FUNCTION}, Events: {{
      Event: {event} }} }}"
    ))
}

fn queue_event(properties: &str) -> super::Given {
    with_event(&format!("{{ Type: SQS, Properties: {{ {properties} }} }}"))
}

#[test]
fn an_unsupported_property_names_resource_and_line() {
    given_resources("  Orders:\n    Type: AWS::SQS::Queue\n    Properties:\n      Foo: 1").fails(
        "template.yaml:6: resource Orders: property Foo is not supported by the local runner",
    );
}

#[test]
fn an_unsupported_type_names_resource_and_line() {
    given_resources("  Files: { Type: AWS::S3::Bucket }").fails(
        "template.yaml:3: resource Files is of type AWS::S3::Bucket, which is not supported by the local runner",
    );
}

#[test]
fn a_wrong_reference_names_resource_property_and_line() {
    given_resources("  Orders:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: !Ref Nope").fails(
        "template.yaml:6: resource Orders: property QueueName refers to Nope, which is not in the template",
    );
}

#[test]
fn events_keep_the_limits_of_aws() {
    let cases = [
        (
            "Queue: !GetAtt Fifo.Arn, BatchSize: 11",
            "BatchSize is 11, but a FIFO queue gives at most 10",
        ),
        (
            "Queue: !GetAtt Orders.Arn, BatchSize: 11",
            "BatchSize is 11, but more than 10 needs MaximumBatchingWindowInSeconds",
        ),
        (
            "Queue: !GetAtt Fifo.Arn, MaximumBatchingWindowInSeconds: 1",
            "MaximumBatchingWindowInSeconds is not for FIFO queues",
        ),
        (
            "Queue: !GetAtt Orders.Arn, ScalingConfig: { MaximumConcurrency: 1 }",
            "ScalingConfig.MaximumConcurrency is 1 and must be a whole number from 2 to 1000",
        ),
        (
            "Queue: 'arn:aws:sqs:eu-west-1:1:other'",
            "Queue is arn:aws:sqs:eu-west-1:1:other, which is no queue of this template",
        ),
        (
            "Queue: !GetAtt Orders.Arn, FilterCriteria: { Filters: [{ Pattern: '{oops' }] }",
            "FilterCriteria.Filters[0].Pattern is not JSON: key must be a string at line 1 column 2: {oops",
        ),
        ("Queue: !GetAtt Orders.Arn, Unheard: 1", "Unheard is not supported by the local runner"),
    ];

    for (properties, message) in cases {
        queue_event(properties).fails(&format!(
            "template.yaml:8: resource Handle: property Events.Event.Properties.{message}"
        ));
    }
}

#[test]
fn a_larger_batch_is_fine_with_a_window() {
    let stack =
        queue_event("Queue: !GetAtt Orders.Arn, BatchSize: 500, MaximumBatchingWindowInSeconds: 2")
            .loads();

    assert_eq!(stack.mappings[0].batch_size, 500);
}

#[test]
fn schedules_other_than_rates_are_named() {
    let cases = [
        ("cron(0 12 * * ? *)", "is cron(0 12 * * ? *); the local runner supports rate(...) alone"),
        ("rate(0 minutes)", "is rate(0 minutes) and must be like rate(5 minutes)"),
    ];

    for (expression, message) in cases {
        with_event(&format!("{{ Type: Schedule, Properties: {{ Schedule: '{expression}' }} }}")).fails(&format!(
            "template.yaml:8: resource Handle: property Events.Event.Properties.Schedule {message}"
        ));
    }
}

#[test]
fn an_unsupported_event_is_named() {
    with_event("{ Type: S3, Properties: { Bucket: b } }").fails(
        "template.yaml:8: resource Handle: property Events.Event.Type is S3; the local runner supports SQS, \
         DynamoDB, Schedule, ScheduleV2, HttpApi",
    );
}

#[test]
fn a_mapping_needs_a_source_and_a_function_of_this_template() {
    let template = |function: &str, source: &str| {
        given_resources(&format!(
            "  Handle: {{ Type: AWS::Serverless::Function, Properties: {{ {FUNCTION} }} }}
  Table:
    Type: AWS::Serverless::SimpleTable
  Map:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {{ FunctionName: {function}, EventSourceArn: {source} }}"
        ))
    };

    template("!Ref Handle", "!GetAtt Table.Arn").fails(
        "template.yaml:8: resource Map: property EventSourceArn is \
         arn:aws:dynamodb:eu-west-1:000000000000:table/shop-Table, which is no queue and no stream of this template",
    );
    template("other", "x").fails(
        "template.yaml:8: resource Map: property FunctionName is other, which is no function of this template",
    );
    template("!Ref Handle", "!GetAtt Table.StreamArn").fails(
        "template.yaml:8: resource Map: property EventSourceArn refers to Table.StreamArn, but \
         AWS::Serverless::SimpleTable has no such attribute",
    );
}

#[test]
fn a_subscription_is_a_queue_s_of_this_template() {
    let template = |properties: &str| {
        given_resources(&format!(
            "  Events: {{ Type: AWS::SNS::Topic }}
  Orders: {{ Type: AWS::SQS::Queue }}
  Subscribe: {{ Type: AWS::SNS::Subscription, Properties: {{ {properties} }} }}"
        ))
    };

    template("TopicArn: !Ref Events, Protocol: email, Endpoint: a@b.c").fails(
        "template.yaml:5: resource Subscribe: property Protocol is email; the local runner supports sqs",
    );
    template("TopicArn: !Ref Events, Protocol: sqs, Endpoint: a").fails(
        "template.yaml:5: resource Subscribe: property Endpoint is a, which is no queue of this template",
    );
    template("TopicArn: a, Protocol: sqs, Endpoint: !GetAtt Orders.Arn").fails(
        "template.yaml:5: resource Subscribe: property TopicArn is a, which is no topic of this template",
    );
}

#[test]
fn code_is_a_path_and_the_runtime_a_binary_s() {
    let template = |properties: &str| {
        given_resources(&format!(
            "  Handle: {{ Type: AWS::Lambda::Function, Properties: {{ {properties} }} }}"
        ))
    };

    for code in ["{ S3Bucket: b, S3Key: k }", "s3://b/k"] {
        template(&format!("Code: {code}, Runtime: provided.al2023")).fails(
            "template.yaml:3: resource Handle: property Code must be a path on this machine: the local runner \
             fetches and unpacks nothing",
        );
    }
    template("Code: ., Runtime: java21").fails(
        "template.yaml:3: resource Handle: property Runtime is java21, for which there is no \
         runtime here",
    );
    template("Code: ., Runtime: python3.13").fails(
        "template.yaml:3: resource Handle: property Runtime is python3.13, which needs a Handler beside it",
    );
}

#[test]
fn a_fifo_name_says_so() {
    let template = |properties: &str| {
        given_resources(&format!(
            "  Orders: {{ Type: AWS::SQS::Queue, Properties: {{ {properties} }} }}"
        ))
    };

    template("QueueName: orders, FifoQueue: true")
        .fails("template.yaml:3: resource Orders: property QueueName is orders; a FIFO name must end in .fifo");
    template("QueueName: orders.fifo").fails(
        "template.yaml:3: resource Orders: property QueueName is orders.fifo; a name that ends in .fifo needs \
         FifoQueue: true",
    );
    assert_eq!(template("FifoQueue: true").loads().queues[0].name, "shop-Orders.fifo");
}

#[test]
fn a_front_the_runner_does_not_have_is_named() {
    let template = |kind: &str, properties: &str| {
        given_resources(&format!(
            "  Api: {{ Type: AWS::Serverless::HttpApi }}
  Front: {{ Type: {kind}, Properties: {{ {properties} }} }}"
        ))
    };

    template("AWS::ApiGatewayV2::Route", "ApiId: !Ref Api, RouteKey: GET /a, Target: integrations/b").fails(
        "template.yaml:4: resource Front: property Target is integrations/b, which is no integration of this template",
    );
    template("AWS::ApiGatewayV2::Stage", "ApiId: !Ref Api, StageName: prod")
        .fails("template.yaml:4: resource Front: property StageName is prod; the local runner supports $default");
    template("AWS::ApiGatewayV2::Api", "ProtocolType: WEBSOCKET")
        .fails("template.yaml:4: resource Front: property ProtocolType is WEBSOCKET; the local runner supports HTTP");
    template("AWS::Lambda::Url", "TargetFunctionArn: x, AuthType: NONE").fails(
        "template.yaml:4: resource Front: property TargetFunctionArn is x, which is no function of this template",
    );
}

#[test]
fn two_of_a_name_are_refused() {
    given_resources(
        "  A: { Type: AWS::SQS::Queue, Properties: { QueueName: q } }
  B: { Type: AWS::SQS::Queue, Properties: { QueueName: q } }",
    )
    .fails("template.yaml:4: resource B has the queue q, which A has as well");
}

#[test]
fn a_message_stays_hidden_for_as_long_as_it_is_worked_on() {
    given_resources(&format!(
        "  Orders: {{ Type: AWS::SQS::Queue }}
  Handle:
    Type: AWS::Serverless::Function
    Properties: {{ {FUNCTION}, Timeout: 31, Events: {{ E: {{ Type: SQS, Properties: {{ Queue: !GetAtt Orders.Arn }} }} }} }}"
    ))
    .fails(
        "template.yaml:3: resource Orders: property VisibilityTimeout is 30 s, less than the 31 s of Handle's Timeout",
    );
}

#[test]
fn what_is_no_template_is_said_to_be_none() {
    given("Resources: [").fails(
        "template.yaml:2: not YAML: while parsing a node, did not find expected node content",
    );
    given("a: 1\na: 2").fails("template.yaml:1: no template: it has no map `Resources`");
    given("").fails("template.yaml:1: the file is empty");
    given("Resources: { Q: { Type: AWS::SQS::Queue } }\n---\nb: 1")
        .fails("template.yaml:2: a template is one YAML document, and here is a second");
    given("Resources: {}").fails("template.yaml:1: a template needs at least one resource");
    given("Rules: {}\nResources: { Q: { Type: AWS::SQS::Queue } }")
        .fails("template.yaml:1: section Rules is not supported by the local runner");
    given("Transform: Other\nResources: { Q: { Type: AWS::SQS::Queue } }")
        .fails("template.yaml:1: section Transform is Other, a macro that only AWS can carry out");
    given("Resources:\n  T: { Type: AWS::Serverless::SimpleTable }").fails(
        "template.yaml:2: resource T is of type AWS::Serverless::SimpleTable, which needs `Transform: \
         AWS::Serverless-2016-10-31`",
    );
    given("Resources:\n  Q: { Type: AWS::SQS::Queue, DependsOn: Nope }")
        .fails("template.yaml:2: resource Q: attribute DependsOn names Nope, which is no resource");
}

#[test]
fn all_that_is_wrong_is_told_at_once_the_most_important_kind_first() {
    given_resources(
        "  Orders: { Type: AWS::SQS::Queue, Properties: { Foo: 1 } }
  Files: { Type: AWS::S3::Bucket }
  Mails: { Type: AWS::SQS::Queue, Properties: { QueueName: !Ref Nope } }",
    )
    .fails(
        "AWS would refuse:
  template.yaml:5: resource Mails: property QueueName refers to Nope, which is not in the template
resource types that are not served here:
  template.yaml:4: resource Files is of type AWS::S3::Bucket, which is not supported by the local runner
properties that are not honoured here:
  template.yaml:3: resource Orders: property Foo is not supported by the local runner
3 problems of 3 kinds",
    );
}

#[test]
fn all_that_is_wrong_with_one_resource_is_told_at_once() {
    given_resources(
        "  Orders: { Type: AWS::SQS::Queue }
  Handle:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Runtime: java21
      Timeout: 9999
      Unheard: 1
      Events:
        Upload: { Type: S3, Properties: { Bucket: b } }
        Queue: { Type: SQS, Properties: { Queue: !GetAtt Orders.Arn, BatchSize: 0, Other: 1 } }",
    )
    .fails(
        "AWS would refuse:
  template.yaml:9: resource Handle: property Timeout is 9999 and must be a whole number from 1 to 900
  template.yaml:13: resource Handle: property Events.Queue.Properties.BatchSize is 0 and must be a whole number from 1 to 10000
properties that are not honoured here:
  template.yaml:10: resource Handle: property Unheard is not supported by the local runner
  template.yaml:12: resource Handle: property Events.Upload.Type is S3; the local runner supports SQS, DynamoDB, Schedule, ScheduleV2, HttpApi
  template.yaml:13: resource Handle: property Events.Queue.Properties.Other is not supported by the local runner
runtimes that there are not here:
  template.yaml:8: resource Handle: property Runtime is java21, for which there is no runtime here
6 problems of 3 kinds",
    );
}

#[test]
fn what_is_not_here_is_left_out_if_asked_and_the_rest_stays() {
    let mut given = given_resources(&format!(
        "  Orders: {{ Type: AWS::SQS::Queue, Properties: {{ Foo: 1 }} }}
  Files: {{ Type: AWS::S3::Bucket, Properties: {{ BucketName: files }} }}
  Handle:
    Type: AWS::Serverless::Function
    Properties:
      {{ {FUNCTION}, Environment: {{ Variables: {{ FILES: !GetAtt Files.Arn }} }}, Events: {{
      Upload: {{ Type: S3, Properties: {{ Bucket: !Ref Files }} }},
      Queue: {{ Type: SQS, Properties: {{ Queue: !GetAtt Orders.Arn }} }} }} }}"
    ));
    given.context.skip_unsupported = true;

    let loaded = given.read();

    assert_eq!(loaded.problems, []);
    let left_out: Vec<_> = loaded.left_out.iter().map(ToString::to_string).collect();
    assert_eq!(
        left_out,
        [
            "resource Orders: property Foo is not supported by the local runner",
            "resource Files is of type AWS::S3::Bucket, which is not supported by the local runner",
            "resource Handle: property Events.Upload.Type is S3; the local runner supports SQS, DynamoDB, Schedule, \
             ScheduleV2, HttpApi",
        ]
    );
    assert_eq!(loaded.unread, ["Files"]);
    assert_eq!((loaded.stack.queues.len(), loaded.stack.mappings.len()), (1, 1));
}

#[test]
fn what_makes_no_difference_here_may_be_unknown() {
    let stack = given_resources(
        "  Orders: { Type: AWS::SQS::Queue, Properties: { KmsMasterKeyId: !ImportValue key } }",
    )
    .loads();

    assert_eq!(stack.queues.len(), 1);
}

#[test]
fn a_missing_file_is_named() {
    let error = super::super::load("nowhere/template.yaml".as_ref(), &super::context());

    assert_eq!(
        error.expect_err("no file").to_string(),
        "cannot read the template nowhere/template.yaml"
    );
}
