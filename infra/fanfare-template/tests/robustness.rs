//! No text makes the loader panic, overflow, hang or fill the memory.

#![allow(clippy::unwrap_used, reason = "a test may")]

use fanfare_template::{Inputs, StackIdentity, Template};
use proptest::prelude::*;
use std::fmt::Write;

/// Everything that is done with a template, whatever it is; the problems found.
fn survive(text: &str) -> Vec<String> {
    let stack = StackIdentity {
        name: "shop".to_owned(),
        region: "eu-west-1".to_owned(),
        account_id: "123456789012".to_owned(),
    };
    let mut found = Vec::new();
    for stack in [None, Some(stack)] {
        match Template::read(text, &Inputs { stack, ..Inputs::default() }) {
            Ok(template) => {
                found.extend(template.known().problems.iter().map(ToString::to_string));
            }
            Err(unreadable) => found.push(unreadable.to_string()),
        }
    }
    found
}

/// Words that templates are made of.
const WORDS: [&str; 50] = [
    "Transform: AWS::LanguageExtensions\n",
    "Transform: AWS::Serverless-2016-10-31\n",
    "Resources:",
    "Parameters:",
    "Conditions:",
    "Mappings:",
    "Globals:",
    "Outputs:",
    "Type: A::B::C",
    "Type: AWS::Serverless::Function",
    "Properties:",
    "Condition: A",
    "Default:",
    "A:",
    "B:",
    "Fn::ForEach::A:",
    "[A, [a, b], { '${A}': *a }]",
    "Ref:",
    "Fn::If:",
    "!Ref A",
    "!GetAtt A.Arn",
    "!Sub '${A.Arn}${'",
    "!Sub ['${A}', { A: !Ref A }]",
    "!If [A, B, !Ref AWS::NoValue]",
    "!FindInMap [A, B, A]",
    "!Join ['', ",
    "!Select [9, [",
    "!Split ['', x]",
    "!ToJsonString",
    "!Length",
    "!Base64",
    "!Equals [A, !Ref B]",
    "!Not [!Condition B]",
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
    "|",
    "\n",
    "\n  ",
    "\n    ",
    "\t",
    "{{resolve:",
    "}}",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_words(words in proptest::collection::vec(proptest::sample::select(WORDS.to_vec()), 0..80)) {
        survive(&words.join(" "));
        survive(&words.concat());
    }
}

#[test]
fn names_that_lead_to_each_other_in_a_long_row() {
    let mut text = "Conditions:\n  C0: !Equals [a, a]\n".to_owned();
    for n in (1..5_000).rev() {
        writeln!(text, "  C{n}: !Not [!Condition C{}]", n - 1).unwrap();
    }
    text.push_str("Resources: { R: { Type: A::B::C, Condition: C4999 } }");

    let found = survive(&text);

    assert!(found[0].contains("leads through more than"), "{:?}", found.first());
}

#[test]
fn values_that_nest_as_deep_as_they_may() {
    let (open, close) = ("!Join [a, [".repeat(45), "]]".repeat(45));

    assert_eq!(
        survive(&format!(
            "Resources: {{ R: {{ Type: A::B::C, Properties: {{ P: {open}x{close} }} }} }}"
        )),
        [""; 0]
    );
}

#[test]
fn texts_that_grow_with_each_use() {
    let mapping = format!("M: {{ a: {{ b: '{}' }} }}", "x".repeat(100_000));
    let uses = "!FindInMap [M, a, b], ".repeat(2_000);
    let text = format!(
        "Mappings: {{ {mapping} }}\nResources: {{ R: {{ Type: A::B::C, Properties: {{ P: [{uses}] }} }} }}"
    );

    assert_eq!(survive(&text), ["resolves to too much"; 2]);
}

#[test]
fn loops_in_loops_in_loops() {
    let values = vec!["a"; 100].join(", ");
    let mut body = "'Q': { Type: A::B::C }".to_owned();
    for name in ["A", "B", "C", "D", "E"] {
        body = format!("'Fn::ForEach::{name}': [{name}, [{values}], {{ {body} }}]");
    }

    let found = survive(&format!("Transform: AWS::LanguageExtensions\nResources: {{ {body} }}"));

    assert!(found.iter().any(|problem| problem.contains("makes too much")), "{:?}", found.first());
}

#[test]
fn globals_of_many_functions() {
    let tags: String = (0..1_000).map(|n| format!("T{n}: x, ")).collect();
    let functions: String =
        (0..5_000).map(|n| format!("  F{n}: {{ Type: AWS::Serverless::Function }}\n")).collect();

    let found = survive(&format!(
        "Transform: AWS::Serverless-2016-10-31\nGlobals: {{ Function: {{ Tags: {{ {tags} }} }} }}\nResources:\n{functions}"
    ));

    assert!(
        found.iter().any(|problem| problem.contains("too large with Globals")),
        "{:?}",
        found.first()
    );
}

#[test]
fn a_map_of_very_many_keys() {
    let keys: String = (0..100_000).map(|n| format!("K{n}: x\n")).collect();

    assert!(!survive(&keys).is_empty());
}
