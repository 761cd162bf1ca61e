//! Parameters: defaults, overrides, rules.

use super::given;

fn template(parameters: &str) -> super::Given {
    given(&format!(
        "Parameters:
{parameters}
Resources:
  Orders: {{ Type: AWS::SQS::Queue, Properties: {{ QueueName: !Sub 'q-${{Size}}' }} }}"
    ))
}

#[test]
fn an_override_takes_the_place_of_the_default() {
    let size = "  Size: { Type: Number, Default: 5, MinValue: 2, MaxValue: 10 }";

    assert_eq!(template(size).loads().queues[0].name, "q-5");
    assert_eq!(template(size).with("Size", "7").loads().queues[0].name, "q-7");
}

#[test]
fn a_value_against_the_rules_is_an_error() {
    let cases = [
        ("{ Type: Number, MinValue: 2 }", "1", "is \"1\" and must be at least 2"),
        ("{ Type: Number, MaxValue: 2 }", "3", "is \"3\" and must be at most 2"),
        ("{ Type: Number }", "many", "is \"many\" and must be a number"),
        ("{ Type: String, AllowedValues: [s, m] }", "xl", "is \"xl\" and must be one of s, m"),
        ("{ Type: String, MinLength: 3 }", "xl", "is \"xl\" and must be at least 3 characters"),
        (
            "{ Type: CommaDelimitedList, AllowedValues: [s, m] }",
            "s,xl",
            "is \"xl\" and must be one of s, m",
        ),
        ("{ Type: List<Number> }", "1,b", "is \"b\" and must be a number"),
    ];

    for (rules, value, message) in cases {
        template(&format!("  Size: {rules}"))
            .with("Size", value)
            .fails(&format!("template.yaml:2: parameter Size {message}"));
    }
}

#[test]
fn a_parameter_needs_a_value_from_somewhere() {
    template("  Size: { Type: String }")
        .fails(
        "template.yaml:2: parameter Size has no Default and was given no value; give it with --parameter Size=VALUE",
    );
}

#[test]
fn an_unknown_override_is_told_the_known_ones() {
    template("  Size: { Type: String, Default: s }\n  Colour: { Type: String, Default: red }")
        .with("Sise", "5")
        .fails("template.yaml:2: parameter Sise is not in the template, which has Size, Colour");
}
