//! Problem documents: what a function answers when it refuses (RFC 9457).

use crate::response::payload;
use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use fanfare_bootstrap::ErrorChain;
use fanfare_event::InvalidId;
use http::header::{ALLOW, CONTENT_TYPE};
use serde::Serialize;
use serde_json::{Map, Value};

/// A refusal. It holds nothing that the caller should not see.
///
/// ```
/// use fanfare_http::Problem;
///
/// let problem = Problem::invalid("celsius", "must be -50 to 60, not 451");
/// assert_eq!(
///     serde_json::to_value(&problem)?,
///     serde_json::json!({
///         "title": "Invalid request", "status": 400, "detail": "must be -50 to 60, not 451", "field": "celsius",
///     })
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// A short summary of the kind of problem.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong in this case. It may quote the call, so it is for the caller alone and never logged.
    pub detail: String,
    /// The part of the call that is wrong, such as `items[0].quantity` or `Idempotency-Key`, by a name of the
    /// program's: it is logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// For 405: the methods that the path takes.
    #[serde(skip)]
    pub allow: Option<&'static str>,
    /// What else a program can use to go on, by the names of the document's further members.
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

impl Problem {
    fn new(status: u16, title: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { title, status, detail, field: None, allow: None, members: Map::new() }
    }

    /// The same with a further member, for programs: RFC 9457 calls it an extension. What has no JSON form is left out.
    ///
    /// ```
    /// use fanfare_http::Problem;
    ///
    /// let problem = Problem::conflict("celsius", "it was measured since").with("newest", &21);
    /// assert_eq!(serde_json::to_value(&problem)?["newest"], 21);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn with(mut self, member: &'static str, value: &impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.members.insert(member.to_owned(), value);
        }
        self
    }

    /// The same under another title: a short summary of this kind of problem.
    pub fn titled(self, title: &'static str) -> Self {
        Self { title, ..self }
    }

    /// 400: a part of the call can't be read or is out of bounds.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(400, "Invalid request", detail) }
    }

    /// 403: this caller may not do this. Where it is private whether something exists, 404 says less.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, "Forbidden", detail)
    }

    /// 404: there is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(404, "Not found", detail)
    }

    /// 404: the path leads nowhere.
    pub fn nothing_at(path: &str) -> Self {
        Self::not_found(format!("there is nothing at {path}"))
    }

    /// 405, with the methods that the path does take, such as `GET, PUT`.
    pub fn method_not_allowed(method: &str, allow: &'static str) -> Self {
        let detail = format!("{method} is not one of: {allow}");
        Self { allow: Some(allow), ..Self::new(405, "Method not allowed", detail) }
    }

    /// 409: the call makes no sense as things stand.
    pub fn conflict(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(409, "Conflict", detail) }
    }

    /// 422: the call can be read, and names what there is not, or what does not go together.
    pub fn unprocessable(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(422, "Unprocessable", detail) }
    }

    /// 409: something has changed while the call was decided.
    pub(crate) fn moved() -> Self {
        Self::new(409, "Conflict", "this has changed meanwhile: look at it, and call again")
    }

    /// 413: the body has more bytes than this limit.
    pub fn too_large(limit: usize) -> Self {
        let detail = format!("a body may have {limit} bytes at the most");
        Self { field: Some("body".to_owned()), ..Self::new(413, "Body too large", detail) }
    }

    /// 422: an idempotency key that was used for a call with another body.
    pub fn key_reused() -> Self {
        let detail =
            "this key was used for a call with another body: take a new key for a new call";
        let problem = Self::new(422, "Idempotency key reused", detail);
        Self { field: Some("Idempotency-Key".to_owned()), ..problem }
    }

    /// 500: trying again does not help; somebody has to look into the log.
    pub fn internal() -> Self {
        Self::new(500, "Internal error", "the call can't be carried out; its cause is in the log")
    }

    /// 503: trying again later may help. The cause goes into the log, not to the caller.
    pub fn unavailable() -> Self {
        Self::new(503, "Service unavailable", "a table did not answer; try again")
    }

    /// The payload of the answer.
    pub(crate) fn into_payload(self) -> ApiGatewayV2httpResponse {
        let body = serde_json::to_string(&self).unwrap_or_default();
        let headers = [(CONTENT_TYPE, Some("application/problem+json")), (ALLOW, self.allow)];
        payload(self.status, headers, body)
    }
}

impl From<InvalidId> for Problem {
    fn from(error: InvalidId) -> Self {
        Self::invalid(error.kind, error.to_string())
    }
}

/// Logs why something could not be done, and gives what the caller is told: 503.
///
/// ```
/// use fanfare_http::{Problem, unavailable};
///
/// fn read() -> Result<String, Problem> {
///     std::fs::read_to_string("/nowhere").map_err(unavailable)
/// }
/// assert_eq!(read().unwrap_err().status, 503);
/// ```
pub fn unavailable(error: impl std::error::Error) -> Problem {
    tracing::error!(error = %ErrorChain(&error), "a call failed");
    Problem::unavailable()
}
