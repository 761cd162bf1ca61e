//! Problem documents: what the API answers when it refuses (RFC 9457).

use fanfare::InvalidId;
use serde::Serialize;

/// A refusal. It holds nothing that the caller should not see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A short summary of the kind of problem.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong in this case. It may quote the call, so it is for the caller alone and never logged.
    pub detail: String,
    /// The part of the call that is wrong, such as `items[0].quantity` or `Idempotency-Key`, by a name of ours: it is logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// For 405: the methods that the path takes.
    #[serde(skip)]
    pub allow: Option<&'static str>,
}

impl Problem {
    fn new(status: u16, title: &'static str, detail: impl Into<String>) -> Self {
        Self { title, status, detail: detail.into(), field: None, allow: None }
    }

    /// 400: a part of the call can't be read or is out of bounds.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(400, "Invalid request", detail) }
    }

    /// 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(404, "Not found", detail)
    }

    /// 405, with the methods that the path does take.
    pub fn method_not_allowed(method: &str, allow: &'static str) -> Self {
        let detail = format!("{method} is not one of: {allow}");
        Self { allow: Some(allow), ..Self::new(405, "Method not allowed", detail) }
    }

    /// 409: the call makes no sense as things stand.
    pub fn conflict(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(409, "Conflict", detail) }
    }

    /// 413.
    pub fn too_large(limit: usize) -> Self {
        let detail = format!("a body may have {limit} bytes at the most");
        Self { field: Some("body".to_owned()), ..Self::new(413, "Body too large", detail) }
    }

    /// 422: an idempotency key that was used for another body.
    pub fn key_reused() -> Self {
        let detail = "this key was used for an order with another body";
        let problem = Self::new(422, "Idempotency key reused", detail);
        Self { field: Some("Idempotency-Key".to_owned()), ..problem }
    }

    /// 503: trying again later may help. The cause goes into the log, not to the caller.
    pub fn unavailable() -> Self {
        Self::new(503, "Service unavailable", "a table did not answer; try again")
    }
}

impl From<InvalidId> for Problem {
    fn from(error: InvalidId) -> Self {
        Self::invalid(error.kind, error.to_string())
    }
}
