//! Checking tokens as API Gateway's JWT authorizers do.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>

use jsonwebtoken::{Algorithm, Validation, decode, decode_header, get_current_timestamp};
use serde_json::{Map, Value};

use super::Issuer;
use crate::template::stack::JwtAuthorizer;

/// Why a token opens nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// It is no token, not signed by the issuer's key, expired, not valid yet, or another issuer's.
    #[error("it is malformed, of another issuer or key, or of another time")]
    Invalid(#[from] jsonwebtoken::errors::Error),
    /// It names another key.
    #[error("it is signed with a key that is not the issuer's")]
    Key,
    /// It is meant for somebody else.
    #[error("it is meant for another audience")]
    Audience,
    /// It was issued in the future.
    #[error("it is issued in the future")]
    Future,
}

impl Issuer {
    /// What a token claims, if it holds here and now. Clocks are one and the same here, so no leeway is given.
    pub(crate) fn verify(
        &self,
        authorizer: &JwtAuthorizer,
        token: &str,
    ) -> Result<Map<String, Value>, Refusal> {
        if decode_header(token)?.kid.as_deref() != self.key.id() {
            return Err(Refusal::Key);
        }
        let mut validation = Validation::new(Algorithm::RS256);
        validation.leeway = 0;
        validation.validate_nbf = true;
        // Below: API Gateway takes `client_id` too.
        validation.validate_aud = false;
        validation.set_issuer(&[&authorizer.issuer]);
        validation.set_required_spec_claims(&["exp", "iss"]);
        let claims: Map<String, Value> = decode(token, self.key.verifying(), &validation)?.claims;
        if !is_for(&claims, &authorizer.audience) {
            return Err(Refusal::Audience);
        }
        let issued = claims.get("iat").and_then(Value::as_f64);
        #[expect(clippy::cast_precision_loss, reason = "seconds are far below 2^52")]
        let now = get_current_timestamp() as f64;
        match issued.is_some_and(|issued| issued > now) {
            true => Err(Refusal::Future),
            false => Ok(claims),
        }
    }
}

/// Whether one of those for whom the token is meant is expected; `client_id` counts where there is no `aud`.
fn is_for(claims: &Map<String, Value>, expected: &[String]) -> bool {
    let is_expected =
        |one: &Value| one.as_str().is_some_and(|one| expected.iter().any(|e| e == one));
    match claims.get("aud").or_else(|| claims.get("client_id")) {
        Some(Value::Array(several)) => several.iter().any(is_expected),
        Some(one) => is_expected(one),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Holder, LIFETIME, SigningKey, claims};
    use super::*;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    fn authorizer() -> JwtAuthorizer {
        JwtAuthorizer {
            issuer: "https://login".to_owned(),
            audience: vec!["store".to_owned(), "shop".to_owned()],
            scopes: Vec::new(),
        }
    }

    fn issuer() -> Issuer {
        Issuer { key: SigningKey::kept_in(None).expect("a key"), authorizer: authorizer() }
    }

    /// A token with one claim changed, or taken away.
    fn signed(issuer: &Issuer, name: &str, value: Value) -> String {
        let mut claims = claims(&Holder::new("ada"), &issuer.authorizer).expect("claims");
        match value {
            Value::Null => drop(claims.remove(name)),
            value => drop(claims.insert(name.to_owned(), value)),
        }
        let header =
            Header { kid: issuer.key.id().map(str::to_owned), ..Header::new(Algorithm::RS256) };
        encode(&header, &claims, issuer.key.private()).expect("a token")
    }

    #[test]
    fn a_token_of_the_issuer_tells_whose_it_is() {
        let issuer = issuer();
        let token = issuer.token(&Holder::new("ada").with_scope("one").with_scope("two"));
        let claims = issuer.verify(&authorizer(), &token.expect("a token")).expect("it holds");
        assert_eq!((&claims["sub"], &claims["scope"]), (&json!("ada"), &json!("one two")));
    }

    #[test]
    fn a_claim_that_is_checked_can_t_be_made_up() {
        let mut holder = Holder::new("ada");
        holder.claims.insert("exp".to_owned(), json!(0));
        let error = issuer().token(&holder).expect_err("exp is the issuer's");
        assert!(matches!(&error, super::super::TokenError::Reserved(name) if name == "exp"));
    }

    #[test]
    fn issuer_audience_and_times_are_checked() {
        let issuer = issuer();
        let now = get_current_timestamp();
        for (name, value, holds) in [
            ("iss", json!("https://elsewhere"), false),
            ("iss", Value::Null, false),
            ("aud", json!("shop"), true),
            ("aud", json!(["other", "store"]), true),
            ("aud", json!("other"), false),
            ("aud", Value::Null, false),
            ("exp", json!(now - 2), false),
            ("exp", Value::Null, false),
            ("nbf", json!(now + 60), false),
            ("nbf", json!(now - 60), true),
            ("iat", json!(now + 60), false),
            ("iat", Value::Null, true),
            ("sub", Value::Null, true),
            ("exp", json!(now + LIFETIME), true),
        ] {
            let token = signed(&issuer, name, value.clone());
            assert_eq!(issuer.verify(&authorizer(), &token).is_ok(), holds, "{name}: {value}");
        }
    }

    #[test]
    fn a_client_counts_where_there_is_no_audience() {
        let issuer = issuer();
        let mut claims = claims(&Holder::new("ada"), &authorizer()).expect("claims");
        claims.remove("aud");
        claims.insert("client_id".to_owned(), json!("store"));
        assert!(is_for(&claims, &issuer.authorizer.audience));
        claims.insert("aud".to_owned(), json!("other"));
        assert!(!is_for(&claims, &issuer.authorizer.audience));
    }

    #[test]
    fn another_key_another_algorithm_or_none_opens_nothing() {
        let (issuer, other) = (issuer(), issuer());
        let holder = Holder::new("ada");
        let good = issuer.token(&holder).expect("a token");
        let claims = claims(&holder, &authorizer()).expect("claims");
        let kid = issuer.key.id().map(str::to_owned);
        let named = |algorithm| Header { kid: kid.clone(), ..Header::new(algorithm) };
        let forged = encode(&named(Algorithm::RS256), &claims, other.key.private());
        // The public key as a shared secret: the classic confusion of algorithms.
        let public = serde_json::to_vec(&issuer.key.public()).expect("JSON");
        let secret = EncodingKey::from_secret(&public);
        let confused = encode(&named(Algorithm::HS256), &claims, &secret);
        let unnamed = encode(&Header::new(Algorithm::RS256), &claims, issuer.key.private());
        let unsigned = good.rsplit_once('.').map(|(head, _)| format!("{head}."));
        for token in [
            other.token(&holder).expect("a token"),
            forged.expect("a token"),
            confused.expect("a token"),
            unnamed.expect("a token"),
            unsigned.expect("three parts"),
            String::new(),
            "a.b.c".to_owned(),
        ] {
            assert!(issuer.verify(&authorizer(), &token).is_err(), "{token}");
        }
        assert!(issuer.verify(&authorizer(), &good).is_ok());
    }
}
