//! Every function, in the short form and the long one.

use super::{given, given_resources};

/// Loads a template that has something to refer to and an output of this value.
fn output_of(value: &str) -> String {
    let stack = template(value).loads();
    stack.outputs["Value"].clone()
}

fn template(value: &str) -> super::Given {
    given(&format!(
        "Parameters:
  Size: {{ Type: Number, Default: 5 }}
  Zones: {{ Type: CommaDelimitedList, Default: 'a, b' }}
Mappings:
  Regions:
    eu-west-1: {{ Name: Ireland, Zones: [x, y] }}
Conditions:
  Big: !Equals [!Ref Size, 9]
  Small: !Not [!Condition Big]
  Both: {{ 'Fn::And': [{{ Condition: Big }}, !Condition Small] }}
  Any: {{ 'Fn::Or': [{{ 'Fn::Not': [{{ 'Fn::Equals': [a, a] }}] }}, !Condition Small] }}
  AllShort: !And [!Condition Small, !Or [!Condition Big, !Condition Any]]
Resources:
  Orders: {{ Type: AWS::SQS::Queue }}
  Gone: {{ Type: AWS::SQS::Queue, Condition: Big }}
Outputs:
  Value:
    Value: {value}
"
    ))
}

#[test]
fn both_forms_give_the_same() {
    let cases = [
        ("!Ref Size", "{ Ref: Size }", "5"),
        ("!Sub 'n=${Size}'", "\n      Fn::Sub: n=${Size}", "n=5"),
        ("!Ref Orders", "{ Ref: Orders }", "http://127.0.0.1:4566/000000000000/shop-Orders"),
        ("!GetAtt Orders.QueueName", "{ 'Fn::GetAtt': [Orders, QueueName] }", "shop-Orders"),
        ("!GetAtt [Orders, QueueName]", "{ 'Fn::GetAtt': Orders.QueueName }", "shop-Orders"),
        (
            "!Sub 'q=${Orders.QueueName} n=${Size}'",
            "{ 'Fn::Sub': 'q=${Orders.QueueName} n=${Size}' }",
            "q=shop-Orders n=5",
        ),
        (
            "!Sub ['${A}${!B}', { A: !Ref Size }]",
            "{ 'Fn::Sub': ['${A}${!B}', { A: { Ref: Size } }] }",
            "5${B}",
        ),
        ("!If [Big, 1, 2]", "{ 'Fn::If': [Big, 1, 2] }", "2"),
        ("!If [Any, 1, 2]", "{ 'Fn::If': [AllShort, 1, 2] }", "1"),
        ("!If [Both, 1, 2]", "{ 'Fn::If': [Both, 1, 2] }", "2"),
        ("!Join ['-', [a, !Ref Size]]", "{ 'Fn::Join': ['-', [a, { Ref: Size }]] }", "a-5"),
        ("!Join ['+', !Ref Zones]", "{ 'Fn::Join': ['+', { Ref: Zones }] }", "a+b"),
        ("!Select [1, [a, b]]", "{ 'Fn::Select': ['1', [a, b]] }", "b"),
        (
            "!Select [1, !Split [',', 'a,b']]",
            "{ 'Fn::Select': [1, { 'Fn::Split': [',', 'a,b'] }] }",
            "b",
        ),
        (
            "!FindInMap [Regions, !Ref AWS::Region, Name]",
            "{ 'Fn::FindInMap': [Regions, { Ref: 'AWS::Region' }, Name] }",
            "Ireland",
        ),
        ("!Base64 hello", "{ 'Fn::Base64': hello }", "aGVsbG8="),
    ];

    for (short, long, expected) in cases {
        assert_eq!(output_of(short), expected, "{short}");
        assert_eq!(output_of(long), expected, "{long}");
    }
}

#[test]
fn pseudo_parameters_come_from_the_context() {
    let value = "!Sub '${AWS::StackName} ${AWS::Region} ${AWS::AccountId} ${AWS::Partition} ${AWS::URLSuffix}'";

    assert_eq!(output_of(value), "shop eu-west-1 000000000000 aws amazonaws.com");
    assert_eq!(
        output_of("!Ref AWS::StackId"),
        "arn:aws:cloudformation:eu-west-1:000000000000:stack/shop/00000000-0000-0000-0000-000000000000"
    );
    assert_eq!(output_of("!Join ['', !Ref AWS::NotificationARNs]"), "");
}

#[test]
fn no_value_takes_the_property_away() {
    let stack = given(
        "Conditions: { Never: !Equals [a, b] }
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties: { DelaySeconds: !If [Never, 5, !Ref AWS::NoValue] }",
    )
    .loads();

    assert!(stack.queues[0].attributes.is_empty());
}

#[test]
fn a_wrong_reference_is_an_error_that_says_what_is_missing() {
    let cases = [
        ("!Ref Nope", "refers to Nope, which is not in the template"),
        ("!Sub '${Nope}'", "refers to Nope, which is not in the template"),
        (
            "!GetAtt Orders.Colour",
            "refers to Orders.Colour, but AWS::SQS::Queue has no such attribute",
        ),
        ("!Ref Gone", "refers to Gone, whose condition Big is false"),
        ("!If [Nope, 1, 2]", "refers to the condition Nope, which is not in the template"),
        ("!FindInMap [Nope, a, b]", "looks up the mapping Nope, which is not in the template"),
        (
            "!FindInMap [Regions, mars, Name]",
            "looks up mars in the mapping Regions, which is not in the template",
        ),
        (
            "!FindInMap [Regions, eu-west-1, Moons]",
            "looks up eu-west-1.Moons in the mapping Regions, which is not in the template",
        ),
        (
            "!ImportValue other",
            "depends on Fn::ImportValue, which only AWS can carry out; write the value itself, or take it from a \
             parameter of type String",
        ),
        ("!Xor [a, b]", "uses Fn::Xor, which is no function of CloudFormation"),
        ("!Equals [a, b]", "uses Fn::Equals, which belongs in Conditions"),
        ("!Select [2, [a, b]]", "selects item 2 of a list of 2, from 0"),
        ("!Join ['-']", "must give Fn::Join a separator and a list"),
        ("!Sub '${Orders'", "has a `${` without its `}`"),
        ("!Ref Zones", "must be a text"),
        (
            "'{{resolve:ssm:key}}'",
            "depends on {{resolve:ssm:key}}, which AWS looks up at deployment; write the value itself, or take it from \
             a parameter of type String",
        ),
    ];

    for (value, message) in cases {
        template(value).fails(&format!("template.yaml:18: output Value {message}"));
    }
}

#[test]
fn names_that_depend_on_each_other_are_a_cycle() {
    given_resources(
        "  A: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub '${B.QueueName}-a' } }
  B: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub '${A.QueueName}-b' } }",
    )
    .fails(
        "template.yaml:4: resource B: property QueueName depends on itself: B.QueueName -> A.QueueName -> B.QueueName",
    );
}

#[test]
fn conditions_that_depend_on_each_other_are_a_cycle() {
    given(
        "Conditions:
  A: !Condition B
  B: !Not [!Condition A]
Resources:
  Orders: { Type: AWS::SQS::Queue }",
    )
    .fails(
        "template.yaml:3: condition B depends on itself: condition A -> condition B -> condition A",
    );
}
