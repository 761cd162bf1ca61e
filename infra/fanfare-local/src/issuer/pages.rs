//! The issuer's pages below `/_fanfare/issuer/`: its configuration, its public key, and tokens for whoever asks on this machine.
//!
//! <https://openid.net/specs/openid-connect-discovery-1_0.html>

use http::request::Parts;
use http::{Method, StatusCode, header};
use serde_json::json;

use super::{Holder, Issuer, TokenError};
use crate::http_server::{Reply, json as reply};

/// Where the pages are.
pub(crate) const PATH: &str = "/_fanfare/issuer/";

/// Answers for a page. A token is given for a JSON body alone, which no form of a web page can send.
pub(crate) fn answer(
    issuer: Option<&Issuer>,
    endpoint: &str,
    page: &str,
    parts: &Parts,
    body: &[u8],
) -> Reply {
    let Some(issuer) = issuer else {
        return refused(StatusCode::NOT_FOUND, &TokenError::Unasked.to_string());
    };
    match (&parts.method, page) {
        (&Method::GET, ".well-known/openid-configuration") => reply(
            StatusCode::OK,
            &json!({
                "issuer": issuer.authorizer.issuer,
                "jwks_uri": format!("{endpoint}{PATH}jwks.json"),
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["token"],
                "subject_types_supported": ["public"],
            }),
        ),
        (&Method::GET, "jwks.json") => reply(StatusCode::OK, &issuer.key.public()),
        (&Method::POST, "token") => token(issuer, parts, body),
        _ => refused(
            StatusCode::NOT_FOUND,
            "there are .well-known/openid-configuration, jwks.json and, by POST, token",
        ),
    }
}

fn token(issuer: &Issuer, parts: &Parts, body: &[u8]) -> Reply {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/json")) {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json");
    }
    let holder = match serde_json::from_slice::<Holder>(body) {
        Ok(holder) => holder,
        Err(error) => return refused(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    match issuer.token(&holder) {
        Ok(token) => reply(StatusCode::OK, &json!({ "token": token })),
        Err(error @ (TokenError::Reserved(_) | TokenError::Unasked)) => {
            refused(StatusCode::BAD_REQUEST, &error.to_string())
        }
        Err(error @ TokenError::Signing(_)) => {
            refused(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
        }
    }
}

fn refused(status: StatusCode, message: &str) -> Reply {
    reply(status, &json!({ "message": message }))
}
