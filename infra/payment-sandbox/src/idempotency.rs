//! The memory of idempotency keys, by [Stripe's rules](https://docs.stripe.com/api/idempotent_requests).

use crate::answer::{Answer, Delivery};
use serde_json::json;
use std::collections::HashMap;

/// What was asked under each key, and answered.
#[derive(Debug, Default)]
pub(crate) struct Keys(HashMap<String, (Asked, Answer)>);

/// A request's path and parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) form: Vec<(String, String)>,
}

impl Keys {
    /// The answer that a repeated key gets; `None` for a new key.
    pub(crate) fn repeated(&self, key: &str, asked: &Asked) -> Option<Answer> {
        let (first, answer) = self.0.get(key)?;
        Some(match first == asked {
            true => Answer { delivery: Delivery::AtOnce, is_replayed: true, ..answer.clone() },
            false => Answer::error(
                400,
                json!({
                    "type": "idempotency_error",
                    "message": "The key was first used with other parameters.",
                }),
            ),
        })
    }

    /// Keeps an answer for the repeats of its key.
    pub(crate) fn keep(&mut self, key: String, asked: Asked, answer: &Answer) {
        if answer.is_kept {
            self.0.insert(key, (asked, answer.clone()));
        }
    }
}
