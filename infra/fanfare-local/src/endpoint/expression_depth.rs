//! A look at the expressions of a DynamoDB request before they are parsed: dynoxide's parser calls itself for each bracket and
//! each `NOT`, and 4 KB of them, which is the longest expression, are more than a thread's stack.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

/// How deep an expression may be nested. An expression has 300 operators at the most
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>).
const DEPTH: usize = 300;

/// The longest PartiQL statement, in bytes (the same page).
const STATEMENT: usize = 8_192;

/// Refuses a request with an expression or statement that is nested too deeply. One that is no JSON is for others to refuse.
pub(super) fn check(request: &[u8]) -> Result<(), String> {
    let mut reader = serde_json::Deserializer::from_slice(request);
    match (Walk { is_expression: false }).deserialize(&mut reader) {
        Err(error) if error.classify() == Category::Data => {
            let text = error.to_string();
            Err(text.split(" at line ").next().unwrap_or_default().to_owned())
        }
        _ => Ok(()),
    }
}

/// Goes through a value, and looks at the texts that are expressions.
#[derive(Clone, Copy)]
struct Walk {
    is_expression: bool,
}

impl<'de> DeserializeSeed<'de> for Walk {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(is_expression) = map.next_key_seed(Key)? {
            map.next_value_seed(Walk { is_expression })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Walk { is_expression: false })?.is_some() {}
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        match self.is_expression && (text.len() > STATEMENT || depth(text) > DEPTH) {
            true => Err(E::custom(format!(
                "Invalid expression: it is longer than {STATEMENT} bytes or nested deeper than {DEPTH}"
            ))),
            false => Ok(()),
        }
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Whether a member's text is an expression: `ConditionExpression`, `Statement` and the like. An attribute of such a name
/// has no text, but an object that names its type.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<bool, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<bool, E> {
        Ok(name.ends_with("Expression") || name == "Statement")
    }
}

/// At least as deep as a parser would go: brackets that are open at once, and every `NOT`.
fn depth(text: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    let nots = text.as_bytes().windows(3).filter(|word| word.eq_ignore_ascii_case(b"NOT")).count();
    deepest + nots
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn expressions_wherever_they_are_have_a_depth_and_other_texts_have_none() {
        let deep = "(".repeat(DEPTH + 1);
        for request in [
            json!({"FilterExpression": deep}),
            json!({"ConditionExpression": "NOT ".repeat(DEPTH + 1)}),
            json!({"Statement": "a".repeat(STATEMENT + 1)}),
            json!({"TransactItems": [{"Put": {"ConditionExpression": deep}}]}),
        ] {
            let error = check(request.to_string().as_bytes()).expect_err("refused");
            assert!(error.starts_with("Invalid expression: "), "{error}");
        }
        for request in [
            json!({"FilterExpression": "(a = :b) AND ".repeat(DEPTH)}),
            json!({"Item": {"text": {"S": deep}, "Expression": {"S": deep}}, "Limit": 1.5}),
        ] {
            assert_eq!(check(request.to_string().as_bytes()), Ok(()));
        }
        assert_eq!(check(b"{\"FilterExpression\": "), Ok(()), "no JSON is no business of ours");
    }
}
