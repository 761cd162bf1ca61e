//! What the gateway answers, and how the answer travels.

use crate::behaviour::{Behaviour, Step};
use serde_json::{Value, json};
use std::time::Duration;

/// An answer on its way.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// Whether a repeat of the same key gets it again: not what was refused before anything was begun.
    pub(crate) is_kept: bool,
    pub(crate) delivery: Delivery,
    /// Whether it is a repeat.
    pub(crate) is_replayed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    AtOnce,
    After(Duration),
    /// The connection is dropped instead.
    Never,
}

impl Answer {
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, body, is_kept: true, delivery: Delivery::AtOnce, is_replayed: false }
    }

    /// A refusal after which a repeat is a request like any other, unless it is a 500: those are kept, done or not.
    pub(crate) fn refused(status: u16, kind: &str, code: &str, message: &str) -> Self {
        let error = json!({"type": kind, "code": code, "message": message});
        Self { is_kept: status >= 500, ..Self::error(status, error) }
    }

    /// A refusal that is the outcome of a request.
    pub(crate) fn error(status: u16, error: Value) -> Self {
        Self { status, ..Self::ok(json!({"error": error})) }
    }

    /// The same answer, on its way as the amount's behaviour has it.
    pub(crate) fn delivered(self, behaviour: Behaviour, step: Step) -> Self {
        match behaviour {
            Behaviour::Dropped(at) if at == step => Self { delivery: Delivery::Never, ..self },
            Behaviour::Broken(at) if at == step => {
                let error = json!({"type": "api_error", "message": "Something went wrong."});
                Self::error(500, error)
            }
            Behaviour::Late(late) if step == Step::Confirm => {
                Self { delivery: Delivery::After(late), ..self }
            }
            _ => self,
        }
    }
}
