//! Orders from a file.

use serde_json::{Deserializer, Value};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// An order as it is to be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    /// Its place in the file, from 1.
    pub(crate) number: usize,
    /// The idempotency key: the same whenever the same file is read.
    pub(crate) key: String,
    /// What is posted.
    pub(crate) body: String,
}

/// Why a file holds no orders.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OrdersError {
    /// It is not JSON.
    #[error("order {number} is not JSON")]
    Malformed {
        /// Which one, from 1.
        number: usize,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// Something in it is no object.
    #[error("order {number} is not a JSON object")]
    NoObject {
        /// Which one, from 1.
        number: usize,
    },
    /// There is nothing in it.
    #[error("there are no orders")]
    Empty,
}

/// Reads orders from a text: one JSON object, an array of them, or one after the other.
///
/// The key of an order is made of its content and of how many of the same content there were before it, so that
/// a file which was placed half can be placed again, even with orders added to it. A `prefix` makes other keys:
/// for placing the same orders once more.
///
/// # Errors
/// [`OrdersError`], for the first that is no order; none is given then.
pub(crate) fn read_orders(text: &str, prefix: Option<&str>) -> Result<Vec<Order>, OrdersError> {
    let mut values = Vec::new();
    for value in Deserializer::from_str(text).into_iter::<Value>() {
        let number = values.len() + 1;
        match value.map_err(|source| OrdersError::Malformed { number, source })? {
            Value::Array(several) => values.extend(several),
            one => values.push(one),
        }
    }
    if values.is_empty() {
        return Err(OrdersError::Empty);
    }
    let mut copies: HashMap<String, usize> = HashMap::new();
    let order = |(n, value): (usize, Value)| {
        if !value.is_object() {
            return Err(OrdersError::NoObject { number: n + 1 });
        }
        let body = value.to_string();
        let digest = Sha256::digest(&body).into_iter().take(8).map(|byte| format!("{byte:02x}"));
        let digest = digest.collect::<String>();
        let copy = copies.entry(digest.clone()).or_default();
        *copy += 1;
        let key = format!("{}-{digest}-{copy}", prefix.unwrap_or("fanfare-place"));
        Ok(Order { number: n + 1, key, body })
    };
    values.into_iter().enumerate().map(order).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        let orders = read_orders(text, None).expect("orders");
        orders.into_iter().map(|order| order.key).collect()
    }

    #[test]
    fn an_object_an_array_and_lines_hold_the_same_orders() {
        let lines = keys("{\"a\":1}\n{\"a\":2}\n");
        assert_eq!(lines.len(), 2);
        assert_eq!(keys(r#"[{"a":1}, {"a":2}]"#), lines);
        assert_eq!(keys(r#"{"a":1}"#), lines[..1]);
    }

    #[test]
    fn an_order_keeps_its_key_when_others_are_put_before_it() {
        let [first, second] = &keys(r#"{"a":1} {"a":1}"#)[..] else { panic!("two orders") };
        assert_ne!(first, second, "two of the same are two orders");
        assert_eq!(keys(r#"{"b":1} {"a":1} {"a":1}"#)[1..], [first.clone(), second.clone()]);
    }

    #[test]
    fn what_is_no_order_is_refused_by_its_number() {
        for (text, said) in [
            ("", "there are no orders"),
            ("{} 5", "order 2 is not a JSON object"),
            ("{} {", "order 2 is not JSON"),
        ] {
            assert_eq!(read_orders(text, None).expect_err("refused").to_string(), said);
        }
    }
}
