//! What is said of a body that is not what was asked for.

use fanfare_http::Request;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only what can't be read matters here")]
struct Reading {
    room: u32,
    celsius: f64,
    #[serde(default)]
    labels: Vec<String>,
}

fn refused(body: &str) -> (String, String) {
    let problem =
        Request::new("POST", "/readings").with_body(body).json::<Reading>().expect_err(body);
    (problem.field.unwrap_or_default(), problem.detail)
}

#[test]
fn what_is_wrong_is_said_as_to_somebody_who_does_not_know_the_program() {
    for (body, field, detail) in [
        ("", "body", "must be JSON, and is empty"),
        ("7", "body", "must be an object, not 7"),
        ("[1]", "body", "must be an object, not a list"),
        ("null", "body", "must be an object, not null"),
        (
            r#"{"room": "attic"}"#,
            "room",
            r#"must be a whole number from 0 to 4294967295, not the text "attic""#,
        ),
        (r#"{"room": -1}"#, "room", "must be a whole number from 0 to 4294967295, not -1"),
        (r#"{"room": 1.5}"#, "room", "must be a whole number from 0 to 4294967295, not 1.5"),
        (
            r#"{"room": 4294967296}"#,
            "room",
            "must be a whole number from 0 to 4294967295, not 4294967296",
        ),
        (r#"{"room": 1}"#, "body", "lacks the field `celsius`: send it too"),
        (r#"{"room": 1, "room": 2}"#, "body", "has the field `room` twice: send it once"),
        (r#"{"room": 1, "celsius": null}"#, "celsius", "must be a number, not null"),
        (r#"{"room": 1, "celsius": 1, "labels": ["a", 2]}"#, "labels[1]", "must be a text, not 2"),
        (r#"{"rum": 1}"#, "body", "unknown field `rum`: send `room`, `celsius`, `labels` alone"),
    ] {
        let expected = (field.to_owned(), detail.to_owned());
        assert_eq!(refused(body), expected, "{body}");
    }
}

#[test]
fn what_is_no_json_is_refused_with_the_place_and_without_a_parser_s_words() {
    let hint = "look at the quotes, commas and brackets there";
    for (body, detail) in [
        ("{", "must be JSON, and ends before it is complete".to_owned()),
        ("nul", "must be JSON, and ends before it is complete".to_owned()),
        ("nonsense", format!("must be JSON, and is none at line 1, column 2: {hint}")),
        ("{\"room\": 1,}", format!("must be JSON, and is none at line 1, column 12: {hint}")),
        (
            r#"{"room": 1, "celsius": 2} 3"#,
            "must be one JSON value: something follows it at line 1, column 27".to_owned(),
        ),
    ] {
        assert_eq!(refused(body).1, detail, "{body}");
    }
}

proptest! {
    #[test]
    fn no_body_makes_a_panic(body in ".{0,200}") {
        drop(Request::new("POST", "/readings").with_body(body).json::<Reading>());
    }
}
