//! Answers as AWS's JSON protocols have them.

use serde_json::{Value, json};

/// A status and a body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, body }
    }

    /// A refusal by the error's name.
    pub(crate) fn refusal(status: u16, error: &str) -> Self {
        let message = format!("{error}, as the simulation has it");
        Self { status, body: json!({"__type": error, "message": message}) }
    }

    pub(crate) fn is_ok(&self) -> bool {
        self.status == 200
    }

    /// The error's name without its namespace; empty if there is none.
    pub(crate) fn error(&self) -> &str {
        let name = self.body["__type"].as_str().unwrap_or_default();
        name.rsplit('#').next().unwrap_or_default()
    }
}
