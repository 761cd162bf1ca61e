//! For whom a token is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// For whom a token is: OpenID Connect's words, which know neither customers nor staff.
///
/// ```
/// use fanfare_local::Holder;
///
/// let ada = Holder::new("ada").with_scope("orders:read");
/// assert_eq!(ada.subject, "ada");
/// assert_eq!(Holder::staff().scopes, ["staff"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Holder {
    /// The claim `sub`.
    pub subject: String,
    /// The claim `scope`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Further claims.
    #[serde(default)]
    pub claims: Map<String, Value>,
}

/// Why there is no token.
///
/// ```
/// let error = fanfare_local::TokenError::Unasked;
/// assert!(error.to_string().contains("asks for tokens"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// The stack has no use for one.
    #[error("no route of this stack's HTTP API asks for tokens")]
    Unasked,
    /// The issuer says this itself.
    #[error("the claim {0} is the issuer's own: leave it out")]
    Reserved(String),
    /// It can't be signed.
    #[error("the token can't be signed")]
    Signing(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Holder {
    /// The scope of those who run the place, by which `fanfare up --open` lets in who has no token.
    pub const STAFF: &'static str = "staff";

    /// Somebody with this subject, and no scope.
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), scopes: Vec::new(), claims: Map::new() }
    }

    /// Somebody with the scope of those who run the place.
    pub fn staff() -> Self {
        Self::new(Self::STAFF).with_scope(Self::STAFF)
    }

    /// The same with another scope.
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }
}
