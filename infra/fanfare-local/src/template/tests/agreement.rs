//! The runner and the lint say the same of a template as a document, whatever else each has to say.

use fanfare_lint::{Options, lint};
use fanfare_template::{Inputs, Problem, ProblemKind, Template};

use super::given;

/// Templates, and what both say of them; nothing: both take it.
const TEMPLATES: [(&str, &[&str]); 9] = [
    (
        "Transform: AWS::LanguageExtensions
Resources:
  Dead: { Type: AWS::SQS::Queue }
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      RedriveAllowPolicy: !ToJsonString { redrivePermission: denyAll }",
        &[],
    ),
    (
        "Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      RedriveAllowPolicy: !ToJsonString { redrivePermission: denyAll }",
        &["5: uses Fn::ToJsonString, which needs `Transform: AWS::LanguageExtensions`"],
    ),
    (
        "Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 30
      VisibilityTimeout: 60",
        &["6: is here twice, first in line 5; remove one of them"],
    ),
    (
        "Parameters: { Size: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /size } }
Resources:
  Orders: { Type: AWS::SQS::Queue, Properties: { Tags: [{ Key: size, Value: !Ref Size }] } }",
        &[],
    ),
    (
        "Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Queues: [Name, [Orders, Mails], { '${Name}Queue': { Type: AWS::SQS::Queue } }]
  More: { Type: AWS::SQS::Queue, DependsOn: OrdersQueue }
Outputs: { Url: { Value: !Ref MailsQueue } }",
        &[],
    ),
    (
        "Resources:
  Orders: { Type: AWS::SQS::Queue, Properties: { QueueName: !Ref Nope } }
  Mails: { Type: AWS::SQS::Queue, DependsOn: [Nobody] }
Outputs: { Url: { Value: !Ref Gone } }",
        &[
            "2: refers to Nope, which is not in the template",
            "3: names Nobody, which is no resource",
            "4: refers to Gone, which is not in the template",
        ],
    ),
    (
        "Conditions: { Round: !Not [!Condition Round] }
Resources: { Orders: { Type: AWS::SQS::Queue } }",
        &["1: depends on itself: condition Round -> condition Round"],
    ),
    ("Resources: {}", &["1: a template needs at least one resource"]),
    ("Resources: [", &["2: not YAML: while parsing a node, did not find expected node content"]),
];

fn of_lint(text: &str) -> Vec<String> {
    match lint("template.yaml", text, &Options::default()) {
        Err(unreadable) => vec![format!("{}: {}", unreadable.place.line, unreadable.reason)],
        Ok(report) => {
            let about_document =
                report.findings.iter().filter(|finding| finding.rule.id == "invalid-template");
            about_document.map(|found| format!("{}: {}", found.place.line, found.reason)).collect()
        }
    }
}

fn of_runner(text: &str) -> Vec<String> {
    let told = |problem: &Problem| format!("{}: {}", problem.place.line, problem.message);
    given(text).problems().iter().map(told).collect()
}

#[test]
fn both_say_the_same_of_each_template() {
    for (text, expected) in TEMPLATES {
        assert_eq!(of_lint(text), expected, "the lint, of {text}");
        assert_eq!(of_runner(text), expected, "the runner, of {text}");
    }
}

#[test]
fn a_value_that_aws_looks_up_is_no_fault_of_the_template_until_the_runner_needs_it() {
    let template =
        "Parameters: { Size: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /size } }
Resources:
  Orders: { Type: AWS::SQS::Queue, Properties: { VisibilityTimeout: !Ref Size } }";

    let problems = given(template).problems();

    assert_eq!(of_lint(template), [""; 0]);
    assert!(Template::read(template, &Inputs::default()).expect("a template").problems.is_empty());
    let [problem] = problems.as_slice() else { panic!("{problems:#?}") };
    assert_eq!(problem.kind, ProblemKind::Unknown);
    assert_eq!(
        problem.to_string(),
        "resource Orders: property VisibilityTimeout depends on the parameter Size of type \
         AWS::SSM::Parameter::Value<String>, which AWS looks up at deployment; write the value itself, or take it \
         from a parameter of type String"
    );
}
