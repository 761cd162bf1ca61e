//! Templates, and what is known of them without a stack.

#![allow(clippy::unwrap_used, reason = "a test may")]

use fanfare_template::{Inputs, Known, ProblemKind, StackIdentity, Template, Value};

/// What is known of a template.
fn known(text: &str) -> Known {
    Template::read(text, &Inputs::default()).unwrap().known()
}

/// All problems of a template, each with its line.
fn problems(text: &str) -> Vec<String> {
    let problems = known(text).problems;
    problems.iter().map(|problem| format!("{}: {problem}", problem.place.line)).collect()
}

/// A property `P` of the one resource of a template whose other sections are these.
fn property(sections: &str, value: &str) -> Value {
    let known = known(&format!(
        "{sections}\nResources:\n  R: {{ Type: A::B::C, Properties: {{ P: {value} }} }}"
    ));
    assert_eq!(known.problems, [], "{value}");
    known.resources[0].properties.field("P").unwrap().value.clone()
}

/// The same as text: what is unknown stands in braces.
fn text(sections: &str, value: &str) -> String {
    property(sections, value).as_text().unwrap().to_string()
}

const EXTENDED: &str = "Transform: AWS::LanguageExtensions";

#[test]
fn what_only_aws_knows_is_unknown_by_name() {
    let sections = "Parameters: { Given: { Type: String }, Looked: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /key } }
Conditions: { Is: !Equals [!Ref Given, a] }";
    let cases = [
        ("!Ref Given", "${Given}"),
        ("!Ref Looked", "${Looked}"),
        ("!Ref AWS::Region", "${AWS::Region}"),
        ("!Sub 'a-${Given}-${AWS::Region}'", "a-${Given}-${AWS::Region}"),
        ("!ImportValue 'other'", "${ImportValue other}"),
        ("'{{resolve:ssm:/key}}-x'", "${resolve:ssm:/key}-x"),
        ("!If [Is, 1, 2]", "${If Is 1 2}"),
        ("!Select [0, !GetAZs '']", "${Select 0 Fn::GetAZs }"),
        ("!GetAtt R.Arn", "${R.Arn}"),
        ("!Join ['-', [a, !Ref Given]]", "a-${Given}"),
    ];

    for (value, expected) in cases {
        assert_eq!(text(sections, value), expected, "{value}");
    }
}

#[test]
fn a_stack_makes_pseudo_parameters_known() {
    let stack = StackIdentity {
        name: "shop".to_owned(),
        region: "cn-north-1".to_owned(),
        account_id: "123456789012".to_owned(),
    };
    let text = "Resources: { R: { Type: A::B::C, Properties: { P: !Sub '${AWS::StackName} ${AWS::Partition}' } } }";

    let known =
        Template::read(text, &Inputs { stack: Some(stack), ..Inputs::default() }).unwrap().known();

    assert_eq!(
        known.resources[0].properties.find_text(&["P"]).known().unwrap().as_known(),
        Some("shop aws-cn")
    );
}

#[test]
fn the_language_s_extensions_need_their_transform() {
    let cases = [
        (
            "!ToJsonString { A: [1, \"2\", true], B: !Sub 'a\"b' }",
            r#"{"A":[1,"2",true],"B":"a\"b"}"#,
        ),
        ("!ToJsonString { A: !GetAtt R.Arn }", r#"{"A":"${R.Arn}"}"#),
        ("!Length [a, b, c]", "3"),
        ("!FindInMap [Nope, a, b, { DefaultValue: other }]", "other"),
    ];

    for (value, expected) in cases {
        assert_eq!(text(EXTENDED, value), expected, "{value}");
        let without = format!("Resources:\n  R: {{ Type: A::B::C, Properties: {{ P: {value} }} }}");
        assert_eq!(problems(&without).len(), 1, "{value}");
    }
}

#[test]
fn the_text_of_a_json_document_is_the_document_too() {
    let value = property(EXTENDED, "!ToJsonString { deadLetterTargetArn: !GetAtt R.Arn }");

    let target = value.as_document().find_text(&["deadLetterTargetArn"]).known().unwrap();

    assert_eq!(target.resource(), Some("R"));
}

#[test]
fn a_loop_makes_resources_properties_and_outputs() {
    let text = "Transform: AWS::LanguageExtensions
Parameters: { Names: { Type: CommaDelimitedList, Default: 'orders, mail-box' } }
Resources:
  Fn::ForEach::Queues:
    - Name
    - !Ref Names
    - Queue&{Name}:
        Type: AWS::SQS::Queue
        Properties: { QueueName: !Sub '${AWS::StackName}-${Name}', Tags: [{ Key: name, Value: !Ref Name }] }
      Fn::ForEach::Alarms:
        - Kind
        - [Old, Many]
        - '&{Name}${Kind}': { Type: AWS::CloudWatch::Alarm }
Outputs:
  Fn::ForEach::Arns: [Name, [orders], { 'Arn${Name}': { Value: !GetAtt 'Queue${Name}.Arn' } }]
";

    let known = known(text);

    assert_eq!(known.problems, []);
    let ids: Vec<&str> = known.resources.iter().map(|resource| resource.id.as_str()).collect();
    assert_eq!(
        ids,
        ["Queueorders", "ordersOld", "ordersMany", "Queuemailbox", "mailboxOld", "mailboxMany"]
    );
    let queue = &known.resources[3].properties;
    assert_eq!(
        queue.find_text(&["QueueName"]).known().unwrap().to_string(),
        "${AWS::StackName}-mail-box"
    );
    let tag = &queue.field("Tags").unwrap().value.items()[0];
    assert_eq!(tag.find_text(&["Value"]).known().unwrap().as_known(), Some("mail-box"));
}

#[test]
fn a_loop_that_cannot_be_carried_out_says_why() {
    let loops = |transform: &str, collection: &str| {
        problems(&format!(
            "{transform}\nParameters: {{ Names: {{ Type: CommaDelimitedList }} }}\nResources:\n  R: {{ Type: A::B::C }}\n  Fn::ForEach::Queues:
    - Name\n    - {collection}\n    - 'Queue': {{ Type: A::B::C }}"
        ))
    };

    assert_eq!(loops("", "[a]"), ["5: loop Queues needs `Transform: AWS::LanguageExtensions`"]);
    assert_eq!(loops(EXTENDED, "text"), ["7: loop Queues must run over a list of texts"]);
    assert_eq!(loops(EXTENDED, "[a, b]"), ["8: key Queue is made twice in Resources by a loop"]);
    let unknown = "7: loop Queues depends on the parameter Names, which has no Default and was given no value; give it one";
    assert_eq!(loops(EXTENDED, "!Ref Names"), [unknown]);
}

#[test]
fn all_problems_are_found_at_once_each_where_it_is() {
    let text = "Parameters: { Size: { Type: Size }, Many: { Type: Number, Default: many } }
Conditions: { Round: !Not [!Condition Round], Odd: !Xor [a, b] }
Resources:
  A: { Type: A::B::C, Properties: { P: !Ref Nope, Q: !Sub '${B.Arn} ${Nowhere}' } }
  B: { Condition: Round, Properties: {} }
  C: { Type: A::B::C, Conditon: Round, DependsOn: [A, D] }
  C: { Type: A::B::C }
Outputs: { Empty: {}, Wrong: { Value: !GetAtt A } }
Rezources: {}
";

    assert_eq!(
        problems(text),
        [
            "1: parameter Size is of type Size, which there is not",
            "1: parameter Many is \"many\" and must be a number",
            "2: condition Round depends on itself: condition Round -> condition Round",
            "2: condition Odd must be one of Condition, Fn::Equals, Fn::And, Fn::Or, Fn::Not",
            "4: resource A: property P refers to Nope, which is not in the template",
            "4: resource A: property Q refers to Nowhere, which is not in the template",
            "5: resource B has no Type",
            "7: key C is here twice, first in line 6; remove one of them",
            "8: output Empty has no Value",
            "8: output Wrong must give Fn::GetAtt a resource and an attribute",
            "9: section Rezources is no section of a template",
        ]
    );
}

#[test]
fn a_secret_is_not_shown() {
    let text = "Parameters: { Key: { Type: String, NoEcho: true, MinLength: 9 } }\nResources: { R: { Type: A::B::C } }";
    let parameters = [("Key".to_owned(), "hush".to_owned())].into();

    let template = Template::read(text, &Inputs { parameters, stack: None }).unwrap();

    let problem = template.known().problems[0].to_string();
    assert_eq!(problem, "parameter Key is **** and must be at least 9 characters");
}

#[test]
fn what_a_macro_may_make_right_is_not_said_to_be_wrong() {
    let known = known(
        "Transform: [Mine]\nThings: {}\nResources: { R: { Kind: x, Type: A::B::C, Properties: { P: !Ref Nope } } }",
    );

    let [problem] = known.problems.as_slice() else { panic!("{:#?}", known.problems) };
    assert_eq!(problem.kind, ProblemKind::Unsupported);
    assert_eq!(
        problem.to_string(),
        "section Transform is Mine, a macro that only AWS can carry out"
    );
}

#[test]
fn what_sam_makes_may_be_referred_to() {
    let text = "Transform: AWS::Serverless-2016-10-31
Resources:
  Web:
    Type: AWS::Serverless::Function
    Properties: { AutoPublishAlias: live, Events: { Get: { Type: Api, Properties: { Path: /, Method: get } } } }
Outputs:
  Role: { Value: !GetAtt WebRole.Arn }
  Alias: { Value: !Ref WebAliaslive }
  Version: { Value: !Ref Web.Version }
  Api: { Value: !Sub 'https://${ServerlessRestApi}.execute-api.${AWS::Region}.amazonaws.com/Prod/' }
  Stage: { Value: !Ref ServerlessRestApiProdStage }
  Other: { Value: !Ref OtherRole }
";

    assert_eq!(
        problems(text),
        ["12: output Other refers to OtherRole, which is not in the template"]
    );
}

#[test]
fn what_is_no_template_is_unreadable() {
    let reason = |text: &str| Template::read(text, &Inputs::default()).unwrap_err().to_string();

    assert_eq!(reason("services: {}"), "line 1: no template: it has no map `Resources`");
    assert_eq!(reason("- a"), "line 1: no template: it is no map of sections");
    assert_eq!(reason("Resources: 5"), "line 1: no template: it has no map `Resources`");
    assert_eq!(reason(""), "line 1: the file is empty");
}

#[test]
fn a_value_that_is_not_of_its_parameter_s_pattern_is_a_fault() {
    let template = |given: &str| {
        let text = "
Parameters: { Name: { Type: String, AllowedPattern: '[a-z]+' }, Odd: { Type: String, Default: a, AllowedPattern: '(?<=x)a' } }
Resources: { Orders: { Type: AWS::SQS::Queue } }";
        let inputs = Inputs { parameters: [("Name".into(), given.into())].into(), stack: None };
        Template::read(text, &inputs).unwrap().known().problems
    };

    assert!(template("orders").is_empty(), "{:?}", template("orders"));
    let told = template("orders-2");
    assert_eq!(told.len(), 1);
    assert_eq!(
        told[0].to_string(),
        "parameter Name is \"orders-2\" and must be of the form [a-z]+"
    );
}
