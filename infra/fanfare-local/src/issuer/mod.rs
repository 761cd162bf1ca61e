//! The issuer of tokens on this machine. It stands in for whichever the template's JWT authorizers name, as the rest of the runner
//! stands in for AWS: it signs in that name, and the HTTP API's front checks by its key.

mod holder;
mod key;
mod pages;
mod verification;

use std::path::Path;

use jsonwebtoken::{Algorithm, Header, encode, get_current_timestamp};
use serde_json::{Map, Value, json};

use crate::error::StartError;
use crate::template::stack::{Authorization, JwtAuthorizer, Route};

pub use holder::{Holder, TokenError};
pub(crate) use pages::{PATH, answer};

use key::SigningKey;

/// Seconds for which a token holds: a working day.
const LIFETIME: u64 = 12 * 60 * 60;
/// Where the key is kept in the data directory.
const KEY_FILE: &str = "issuer-key.pem";

/// The issuer, with its key.
pub(crate) struct Issuer {
    key: SigningKey,
    /// In whose name it signs, and for whom: those of the first route that asks for tokens.
    authorizer: JwtAuthorizer,
}

impl Issuer {
    /// The issuer that these routes need; `None` when none of them asks for tokens. Its key is the one in the data directory,
    /// or else a new one.
    pub(crate) async fn of(
        routes: &[Route],
        data: Option<&Path>,
    ) -> Result<Option<Self>, StartError> {
        let authorizer = routes.iter().find_map(|route| match &route.authorization {
            Authorization::Jwt(authorizer) => Some(authorizer.clone()),
            Authorization::None | Authorization::Iam => None,
        });
        let Some(authorizer) = authorizer else { return Ok(None) };
        let file = data.map(|data| data.join(KEY_FILE));
        // Some hundred milliseconds of computing, in which others may go on.
        let made = tokio::task::spawn_blocking(move || SigningKey::kept_in(file.as_deref())).await;
        let key = made.map_err(|error| StartError::IssuerKey(error.into()))??;
        Ok(Some(Self { key, authorizer }))
    }

    /// A token for somebody.
    ///
    /// # Errors
    /// [`TokenError`].
    pub(crate) fn token(&self, holder: &Holder) -> Result<String, TokenError> {
        let header =
            Header { kid: self.key.id().map(str::to_owned), ..Header::new(Algorithm::RS256) };
        let claims = claims(holder, &self.authorizer)?;
        encode(&header, &claims, self.key.private())
            .map_err(|error| TokenError::Signing(error.into()))
    }
}

/// What a token claims.
pub(crate) fn claims(
    holder: &Holder,
    authorizer: &JwtAuthorizer,
) -> Result<Map<String, Value>, TokenError> {
    let now = get_current_timestamp();
    let own = json!({
        "iss": authorizer.issuer,
        "aud": authorizer.audience.first(),
        "sub": holder.subject,
        "scope": holder.scopes.join(" "),
        "iat": now,
        "exp": now + LIFETIME,
        "jti": uuid::Uuid::new_v4().to_string(),
    });
    let mut claims = holder.claims.clone();
    for (name, value) in own.as_object().into_iter().flatten() {
        // What would be checked or overwritten can't be made up.
        if claims.insert(name.clone(), value.clone()).is_some() {
            return Err(TokenError::Reserved(name.clone()));
        }
    }
    Ok(claims)
}
