//! Event patterns: what an SNS filter policy and a mapping's `FilterCriteria` have in common.
//!
//! An object of rules; every key must match, and of a key's rules any one.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html>
//!
//! ```
//! use fanfare_template::pattern::matches;
//! use serde_json::json;
//!
//! let policy = json!({"eventType": ["TemperatureMeasured", {"prefix": "Alarm"}]});
//! assert!(matches(&policy, &json!({"eventType": "AlarmRaised"})));
//! assert!(!matches(&policy, &json!({"eventType": "DoorOpened"})));
//! ```

use crate::cidr;
use serde_json::{Map, Value};

/// Whether the data has everything that the pattern asks for.
pub fn matches(pattern: &Value, data: &Value) -> bool {
    match pattern {
        Value::Object(rules) => rules.iter().all(|(key, rule)| key_matches(key, rule, data)),
        _ => false,
    }
}

/// Whether the record passes a mapping's filters: it does if there are none, or if any matches.
pub fn any_matches(patterns: &[Value], data: &Value) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, data))
}

fn key_matches(key: &str, rule: &Value, data: &Value) -> bool {
    if let ("$or", Value::Array(alternatives)) = (key, rule) {
        return alternatives.iter().any(|alternative| matches(alternative, data));
    }
    // Lists are searched for an element that matches, at every level.
    if let Value::Array(elements) = data {
        return elements.iter().any(|element| key_matches(key, rule, element));
    }
    // A key with dots is a path as well.
    let value = data.get(key).or_else(|| along(key, data));
    match rule {
        Value::Array(conditions) => {
            conditions.iter().any(|condition| condition_matches(condition, value))
        }
        Value::Object(_) => value.is_some_and(|value| matches(rule, value)),
        _ => false,
    }
}

/// What is at a path such as `order.state`.
fn along<'d>(path: &str, data: &'d Value) -> Option<&'d Value> {
    let (first, rest) = path.split_once('.')?;
    let inner = data.get(first)?;
    inner.get(rest).or_else(|| along(rest, inner))
}

fn condition_matches(condition: &Value, value: Option<&Value>) -> bool {
    if let Some(expected) = condition.get("exists").and_then(Value::as_bool) {
        return value.is_some() == expected;
    }
    match value {
        None => false,
        Some(Value::Array(elements)) => match condition.get("anything-but") {
            Some(_) => elements.iter().all(|element| leaf_matches(condition, element)),
            None => elements.iter().any(|element| leaf_matches(condition, element)),
        },
        Some(leaf) => leaf_matches(condition, leaf),
    }
}

fn leaf_matches(condition: &Value, value: &Value) -> bool {
    match condition {
        Value::Object(operator) => {
            operator.iter().all(|(name, operand)| operator_matches(name, operand, value))
        }
        exact => equal(exact, value),
    }
}

fn operator_matches(name: &str, operand: &Value, value: &Value) -> bool {
    let text = |compare: fn(&str, &str) -> bool| match (operand, value) {
        (Value::String(operand), Value::String(value)) => compare(value, operand),
        _ => false,
    };
    match name {
        "prefix" => text(|value, prefix| value.starts_with(prefix)),
        "suffix" => text(|value, suffix| value.ends_with(suffix)),
        "equals-ignore-case" => text(|value, other| value.to_lowercase() == other.to_lowercase()),
        "wildcard" => text(|value, pattern| wildcard_matches(pattern, value)),
        "cidr" => text(|value, block| cidr::contains(block, value)),
        "anything-but" => match operand {
            Value::Array(excluded) => !excluded.iter().any(|excluded| equal(excluded, value)),
            Value::Object(inner) => !inner.iter().any(|(name, operand)| match operand {
                Value::Array(any_of) => {
                    any_of.iter().any(|operand| operator_matches(name, operand, value))
                }
                operand => operator_matches(name, operand, value),
            }),
            excluded => !equal(excluded, value),
        },
        "numeric" => operand.as_array().zip(value.as_f64()).is_some_and(|(bounds, value)| {
            bounds.len() % 2 == 0 && bounds.chunks(2).all(|bound| within(bound, value))
        }),
        _ => false,
    }
}

fn within(bound: &[Value], value: f64) -> bool {
    let [Value::String(operator), limit] = bound else { return false };
    limit.as_f64().is_some_and(|limit| match operator.as_str() {
        "=" => value == limit,
        "<" => value < limit,
        "<=" => value <= limit,
        ">" => value > limit,
        ">=" => value >= limit,
        _ => false,
    })
}

/// Numbers are equal by value: 100 and 100.0 are one.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || left.as_f64() == right.as_f64()
        }
        _ => left == right,
    }
}

fn wildcard_matches(pattern: &str, value: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| value.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// What is wrong with a pattern, if anything; an operator that is not known would never match.
///
/// # Errors
/// What is wrong, in words.
pub fn check(pattern: &Value) -> Result<(), String> {
    let Value::Object(rules) = pattern else {
        return Err("a pattern must be a JSON object".to_owned());
    };
    for (key, rule) in rules {
        match rule {
            Value::Array(conditions) if key == "$or" => conditions.iter().try_for_each(check)?,
            Value::Array(conditions) => conditions.iter().try_for_each(check_condition)?,
            Value::Object(_) => check(rule)?,
            _ => return Err(format!("the rule for {key:?} must be a list or an object")),
        }
    }
    Ok(())
}

fn check_condition(condition: &Value) -> Result<(), String> {
    const KNOWN: [&str; 8] = [
        "prefix",
        "suffix",
        "equals-ignore-case",
        "wildcard",
        "anything-but",
        "numeric",
        "exists",
        "cidr",
    ];
    let operators: Option<&Map<String, Value>> = condition.as_object();
    match operators
        .and_then(|operators| operators.keys().find(|name| !KNOWN.contains(&name.as_str())))
    {
        Some(unknown) => Err(format!("the operator {unknown:?} is not known here")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check_matches(pattern: Value, matching: &[Value], other: &[Value]) {
        for data in matching {
            assert!(matches(&pattern, data), "{pattern} should match {data}");
        }
        for data in other {
            assert!(!matches(&pattern, data), "{pattern} should not match {data}");
        }
    }

    #[test]
    fn every_key_and_any_of_its_values() {
        check_matches(
            json!({"eventName": ["INSERT", "MODIFY"], "n": [1]}),
            &[
                json!({"eventName": "INSERT", "n": 1}),
                json!({"eventName": "MODIFY", "n": 1.0, "more": true}),
            ],
            &[json!({"eventName": "REMOVE", "n": 1}), json!({"eventName": "INSERT"}), json!({})],
        );
    }

    #[test]
    fn a_key_with_dots_is_a_path_too() {
        check_matches(
            json!({"order.state": ["done"]}),
            &[json!({"order": {"state": "done"}}), json!({"order.state": "done"})],
            &[json!({"order": {"state": "open"}}), json!({"order": "done"}), json!({})],
        );
    }

    #[test]
    fn nested_objects_and_lists() {
        check_matches(
            json!({"dynamodb": {"NewImage": {"state": {"S": ["done"]}}}}),
            &[json!({"dynamodb": {"NewImage": {"state": {"S": "done"}}}})],
            &[json!({"dynamodb": {"OldImage": {"state": {"S": "done"}}}}), json!({"dynamodb": 1})],
        );
        check_matches(
            json!({"items": {"sku": ["b"]}}),
            &[json!({"items": [{"sku": "a"}, {"sku": "b"}]})],
            &[json!({"items": [{"sku": "a"}]})],
        );
    }

    #[test]
    fn text_operators() {
        check_matches(
            json!({"x": [{"prefix": "Room"}]}),
            &[json!({"x": "RoomAdded"})],
            &[json!({"x": "Payment"}), json!({"x": 1})],
        );
        check_matches(
            json!({"x": [{"suffix": "ed"}]}),
            &[json!({"x": "Failed"})],
            &[json!({"x": "Fail"})],
        );
        check_matches(
            json!({"x": [{"equals-ignore-case": "eur"}]}),
            &[json!({"x": "EUR"})],
            &[json!({"x": "USD"})],
        );
        check_matches(
            json!({"x": [{"wildcard": "a*c*"}]}),
            &[json!({"x": "abc"}), json!({"x": "acx"})],
            &[json!({"x": "ab"}), json!({"x": "xac"})],
        );
    }

    #[test]
    fn anything_but_needs_the_key_to_be_there() {
        check_matches(
            json!({"x": [{"anything-but": ["a", "b"]}]}),
            &[json!({"x": "c"}), json!({"x": 1})],
            &[json!({"x": "a"}), json!({})],
        );
        check_matches(
            json!({"x": [{"anything-but": {"prefix": "a"}}]}),
            &[json!({"x": "b"})],
            &[json!({"x": "ab"})],
        );
    }

    #[test]
    fn numeric_ranges_and_existence() {
        check_matches(
            json!({"n": [{"numeric": [">", 0, "<=", 100]}]}),
            &[json!({"n": 100}), json!({"n": 0.5})],
            &[json!({"n": 0}), json!({"n": "50"}), json!({})],
        );
        check_matches(json!({"x": [{"exists": false}]}), &[json!({})], &[json!({"x": null})]);
        check_matches(json!({"x": [{"exists": true}, "y"]}), &[json!({"x": 1})], &[json!({})]);
    }

    #[test]
    fn or_takes_any_of_its_patterns() {
        check_matches(
            json!({"$or": [{"a": [1]}, {"b": [2]}]}),
            &[json!({"a": 1}), json!({"b": 2})],
            &[json!({"a": 2, "b": 1})],
        );
    }

    #[test]
    fn an_operator_nobody_knows_is_told() {
        assert!(check(&json!({"x": [{"sounds-like": "a"}]})).is_err());
        assert!(check(&json!({"x": "y"})).is_err());
        assert!(check(&json!({"x": [{"numeric": ["=", 1]}], "y": {"z": ["a"]}})).is_ok());
    }
}
