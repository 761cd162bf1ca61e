//! No text makes the lint panic, overflow or hang.

#![allow(clippy::unwrap_used, reason = "a test may")]

use fanfare_event::Catalogue;
use fanfare_lint::{CatalogueFile, Options, Project, json, lint, plain, sarif};
use proptest::prelude::*;

/// Everything that is done with a template, whatever it is.
fn survive(text: &str) {
    let catalogue =
        CatalogueFile { name: "catalogue.json".into(), catalogue: Catalogue::default() };
    let project = Project { catalogue: Some(catalogue), consumers: Some(vec!["b".into()]) };
    let options = Options { project, ..Options::default() };
    if let Ok(report) = lint("x.yaml", text, &options) {
        let reports = [report];
        plain(&reports, true, &mut Vec::new()).unwrap();
        assert!(json(&reports)["templates"].is_array());
        assert!(sarif(&reports, true)["runs"].is_array());
    }
}

/// Words that templates are made of, put together at random.
fn word() -> impl Strategy<Value = &'static str> {
    let words = [
        "Resources:",
        "Parameters:",
        "Conditions:",
        "Mappings:",
        "Globals:",
        "Metadata:",
        "Fanfare:",
        "Accept:",
        "Type:",
        "Properties:",
        "Condition:",
        "Default:",
        "A:",
        "B:",
        "Ref:",
        "Fn::If:",
        "Fn::Sub:",
        "!Ref A",
        "!GetAtt A.Arn",
        "!Sub '${A.Arn}${'",
        "!If [A, B, !Ref AWS::NoValue]",
        "!FindInMap [A, B, A]",
        "!Join ['', ",
        "!Select [9, [",
        "!Split ['', x]",
        "!Condition A",
        "!Equals [A, !Ref B]",
        "!Not [!Condition B]",
        "AWS::SQS::Queue",
        "AWS::SNS::Topic",
        "AWS::Serverless::Function",
        "AWS::Lambda::EventSourceMapping",
        "AWS::IAM::Role",
        "AWS::DynamoDB::GlobalTable",
        "RedrivePolicy:",
        "Events:",
        "Policies:",
        "PolicyDocument:",
        "Statement:",
        "Effect: Allow",
        "Principal: '*'",
        "Action: '*'",
        "Subscription:",
        "&a",
        "*a",
        "<<: *a",
        "-",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\"",
        "'",
        "|",
        ">",
        "\n",
        "\n  ",
        "\n    ",
        "\n      ",
        "\t",
        "---",
        "%",
        "!",
        "?",
        ": ",
        "# ",
        "9",
        "-1",
        "99999999999999999999",
        "~",
        "é",
        "\u{0}",
        "{{resolve:",
        "}}",
    ];
    proptest::sample::select(words.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in ".{0,200}") {
        survive(&text);
    }

    #[test]
    fn any_words(words in proptest::collection::vec(word(), 0..80)) {
        survive(&words.join(" "));
        survive(&words.concat());
    }

    /// A good template with a piece cut out, doubled or replaced.
    #[test]
    fn a_spoilt_template(
        from in 0.0..1.0f64,
        length in 0usize..60,
        put in proptest::collection::vec(word(), 0..4),
    ) {
        let text = include_str!("templates/clean.sam.yaml");
        let letters: Vec<char> = text.chars().collect();
        let from = ((letters.len() as f64) * from) as usize;
        let to = (from + length).min(letters.len());
        let spoilt: String = letters[..from].iter().collect::<String>()
            + &put.concat()
            + &letters[to..].iter().collect::<String>();
        survive(&spoilt);
    }
}

#[test]
fn parameters_and_conditions_that_need_themselves() {
    survive(
        "Parameters: { A: { Type: String, Default: !Ref A }, B: { Type: String, Default: !Ref A } }
Conditions: { C: !And [!Condition D, !Condition D], D: !Or [!Condition C, !Not [!Condition D]] }
Resources:
  F:
    Type: AWS::Serverless::Function
    Condition: C
    Properties: { FunctionName: !Ref F, Timeout: !If [C, !Ref A, !Ref B], LoggingConfig: { LogGroup: !Ref L } }
  L: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: !Sub '${F}${L}' } }
  Alias: { Type: AWS::Lambda::Alias, Properties: { FunctionName: !Ref Alias } }
  Map: { Type: AWS::Lambda::EventSourceMapping, Properties: { FunctionName: !Ref Alias, EventSourceArn: !Ref Map } }
  Q: { Type: AWS::SQS::Queue, Properties: { RedrivePolicy: { deadLetterTargetArn: !GetAtt Q.Arn } } }",
    );
}

#[test]
fn a_tower_of_conditions_is_climbed_once() {
    let towers: String = (1..10_000)
        .map(|n| format!("  C{n}: !And [!Condition C{0}, !Condition C{0}]\n", n - 1))
        .collect();
    survive(&format!(
        "Conditions:\n  C0: !Equals [a, a]\n{towers}Resources:\n  Q: {{ Type: AWS::SQS::Queue, Condition: C9999 }}"
    ));
}

#[test]
fn a_large_mapping_that_is_looked_up_often() {
    let many = "x, ".repeat(5_000);
    let uses: String = (0..2_000)
        .map(|n| {
            format!("  R{n}: {{ Type: A::B::C, Properties: {{ P: !FindInMap [M, a, b] }} }}\n")
        })
        .collect();
    survive(&format!("Mappings: {{ M: {{ a: {{ b: [{many}] }} }} }}\nResources:\n{uses}"));
}
