//! Why a page can't be shown, and what to do about it.

use fanfare_bootstrap::ErrorChain;
use fanfare_operate::OperateError;
use http::StatusCode;

/// Why something that was asked for is not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ViewError {
    /// The address leads nowhere.
    #[error("there is no page {0}")]
    NoPage(String),
    /// What was asked for is not there.
    #[error("{0}")]
    Missing(String),
    /// A field of the form or of the address is wrong.
    #[error("{field}: {reason}")]
    Field { field: &'static str, reason: String },
    /// The console only shows.
    #[error("this console is read-only: start it with fanfare console --allow-writes")]
    ReadOnly,
    /// Nobody has shown the token.
    #[error(
        "this console does not know you: open the address that was printed when it started, which ends in ?token=…; a program \
         sends it as Authorization: Bearer TOKEN"
    )]
    NoToken,
    /// The method is not the page's.
    #[error("{0} is not answered here")]
    Method(String),
    /// The body is too large, or did not come.
    #[error("the form could not be read: it is larger than 64 KiB, or its connection broke")]
    Body,
    /// The stack could not be asked, or refused.
    #[error(transparent)]
    Operate(#[from] OperateError),
    /// A page could not be written.
    #[error("the page could not be written")]
    Page(#[from] askama::Error),
    /// Something has no JSON.
    #[error("the answer could not be written as JSON")]
    Json(#[from] serde_json::Error),
}

impl ViewError {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NoPage(_) | Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Field { .. } => StatusCode::BAD_REQUEST,
            Self::ReadOnly => StatusCode::FORBIDDEN,
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Body => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Operate(
                OperateError::NoConsumer { .. }
                | OperateError::NoQueue { .. }
                | OperateError::NoAudit(_),
            ) => StatusCode::NOT_FOUND,
            Self::Operate(_) => StatusCode::BAD_GATEWAY,
            Self::Page(_) | Self::Json(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// In words, with what it comes from.
    pub(crate) fn told(&self) -> String {
        ErrorChain(self).to_string()
    }
}
