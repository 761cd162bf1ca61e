//! SNS's own errors.

use http::StatusCode;

/// An error as a client of SNS sees it.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct SnsError {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) status: StatusCode,
}

impl SnsError {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self { code: "InvalidParameter", message: message.into(), status: StatusCode::BAD_REQUEST }
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self {
            code: "NotFound",
            message: format!("{what} does not exist"),
            status: StatusCode::NOT_FOUND,
        }
    }

    pub(crate) fn batch(code: &'static str, message: &str) -> Self {
        Self { code, message: message.to_owned(), status: StatusCode::BAD_REQUEST }
    }
}
