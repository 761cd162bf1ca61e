//! Who may pass the front, and what the function is told of them.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html>

use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

use super::message;
use crate::http_server::Reply;
use crate::issuer::{self, Holder, Issuer};
use crate::template::stack::{Authorization, JwtAuthorizer};

/// How a signed request's header begins.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=";

/// What the front lets in by.
pub(crate) struct Gate {
    pub(crate) issuer: Option<Issuer>,
    /// Whether who brings nothing is taken for staff.
    pub(crate) is_open: bool,
    pub(crate) account: String,
}

impl Gate {
    /// The event's `requestContext.authorizer`; `None` where the route asks for nothing.
    pub(super) fn admit(
        &self,
        authorization: &Authorization,
        parts: &Parts,
    ) -> Result<Option<Value>, Box<Reply>> {
        match authorization {
            Authorization::None => Ok(None),
            Authorization::Iam => self.signed(parts).map(|iam| Some(json!({ "iam": iam }))),
            Authorization::Jwt(authorizer) => {
                let claims = self.claims(authorizer, parts)?;
                let scopes = check_scopes(authorizer, &claims)?;
                let claims: Map<_, _> =
                    claims.iter().map(|(name, value)| (name.clone(), text(value).into())).collect();
                Ok(Some(json!({ "jwt": { "claims": claims, "scopes": scopes } })))
            }
        }
    }

    fn claims(
        &self,
        authorizer: &JwtAuthorizer,
        parts: &Parts,
    ) -> Result<Map<String, Value>, Box<Reply>> {
        let Some(given) = parts.headers.get(header::AUTHORIZATION) else {
            return match self.is_open {
                true => open(authorizer),
                false => Err(unauthorized("Bearer")),
            };
        };
        let token = given.to_str().unwrap_or_default();
        let token =
            token.strip_prefix("Bearer ").or(token.strip_prefix("bearer ")).unwrap_or(token);
        let issuer = self.issuer.as_ref().ok_or_else(|| unauthorized("Bearer"))?;
        issuer.verify(authorizer, token).map_err(|refusal| {
            tracing::debug!(%refusal, "a token opens nothing");
            unauthorized("Bearer error=\"invalid_token\"")
        })
    }

    /// The principal behind a signature, which is looked for and not checked: nobody here knows its secret.
    fn signed(&self, parts: &Parts) -> Result<Value, Box<Reply>> {
        let given = parts.headers.get(header::AUTHORIZATION).and_then(|given| given.to_str().ok());
        let key = given
            .and_then(|given| given.strip_prefix(SIGNED)?.split('/').next())
            .filter(|key| !key.is_empty());
        let key = match (key, given) {
            (Some(key), _) => key,
            (None, None) if self.is_open => "OPEN",
            (None, _) => return Err(Box::new(message(StatusCode::FORBIDDEN, "Forbidden"))),
        };
        let account = &self.account;
        Ok(json!({
            "accessKey": key, "accountId": account, "callerId": key, "cognitoIdentity": null,
            "principalOrgId": null, "userArn": format!("arn:aws:iam::{account}:user/local"), "userId": key,
        }))
    }
}

/// What is claimed of who brings no token to an open front.
fn open(authorizer: &JwtAuthorizer) -> Result<Map<String, Value>, Box<Reply>> {
    let mut holder = Holder::staff();
    holder.scopes.extend(authorizer.scopes.iter().cloned());
    issuer::claims(&holder, authorizer).map_err(|_| unauthorized("Bearer"))
}

/// Refuses a token without any of the route's scopes, and gives the token's, if the route asks for one.
fn check_scopes(
    authorizer: &JwtAuthorizer,
    claims: &Map<String, Value>,
) -> Result<Value, Box<Reply>> {
    if authorizer.scopes.is_empty() {
        return Ok(Value::Null);
    }
    let given: Vec<String> = match claims.get("scope").or_else(|| claims.get("scp")) {
        Some(Value::Array(scopes)) => scopes.iter().map(text).collect(),
        Some(Value::String(scopes)) => scopes.split(' ').map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    match authorizer.scopes.iter().any(|scope| given.contains(scope)) {
        true => Ok(given.into()),
        false => {
            let mut reply = message(StatusCode::FORBIDDEN, "Forbidden");
            challenge(&mut reply, "Bearer error=\"insufficient_scope\"");
            Err(Box::new(reply))
        }
    }
}

/// A claim as API Gateway passes it on: a text, lists and maps as Go prints them.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            format!("[{}]", values.iter().map(text).collect::<Vec<_>>().join(" "))
        }
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| format!("{name}:{}", text(value));
            format!("map[{}]", fields.iter().map(field).collect::<Vec<_>>().join(" "))
        }
        other => other.to_string(),
    }
}

fn unauthorized(scheme: &'static str) -> Box<Reply> {
    let mut reply = message(StatusCode::UNAUTHORIZED, "Unauthorized");
    challenge(&mut reply, scheme);
    Box::new(reply)
}

fn challenge(reply: &mut Reply, scheme: &'static str) {
    reply.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::stack::Route;

    async fn gate(is_open: bool, scopes: &[&str]) -> (Gate, Authorization) {
        let authorization = Authorization::Jwt(JwtAuthorizer {
            issuer: "https://login".to_owned(),
            audience: vec!["store".to_owned()],
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        });
        let route = Route {
            key: "$default".to_owned(),
            function: "F".to_owned(),
            authorization: authorization.clone(),
        };
        let issuer = Issuer::of(&[route], None).await.expect("an issuer");
        (Gate { issuer, is_open, account: "000000000000".to_owned() }, authorization)
    }

    fn with(header: Option<&str>) -> Parts {
        let mut request = http::Request::get("/");
        if let Some(header) = header {
            request = request.header("Authorization", header);
        }
        request.body(()).expect("a request").into_parts().0
    }

    fn status(admitted: Result<Option<Value>, Box<Reply>>) -> u16 {
        admitted.map_or_else(|reply| reply.status().as_u16(), |_| 200)
    }

    #[tokio::test]
    async fn a_token_s_claims_are_texts() {
        let (gate, authorization) = gate(false, &[]).await;
        let mut ada = Holder::new("ada").with_scope("orders");
        ada.claims.insert("groups".to_owned(), json!(["one", "two"]));
        ada.claims.insert("verified".to_owned(), json!(true));
        let token = gate.issuer.as_ref().expect("an issuer").token(&ada).expect("a token");

        let told = gate.admit(&authorization, &with(Some(&format!("Bearer {token}"))));

        let jwt = told.expect("admitted").expect("told")["jwt"].clone();
        let claims = &jwt["claims"];
        assert_eq!((&claims["sub"], &claims["groups"]), (&json!("ada"), &json!("[one two]")));
        assert_eq!((&claims["verified"], &jwt["scopes"]), (&json!("true"), &Value::Null));
        assert!(claims["exp"].is_string(), "{claims}");
        assert_eq!(status(gate.admit(&authorization, &with(Some(&token)))), 200, "the bare token");
    }

    #[tokio::test]
    async fn who_brings_no_token_or_a_bad_one_is_unauthorized() {
        let (gate, authorization) = gate(false, &[]).await;
        for header in [None, Some("Bearer x"), Some(""), Some("Basic YTpi"), Some("Bearer ")] {
            assert_eq!(status(gate.admit(&authorization, &with(header))), 401, "{header:?}");
        }
    }

    #[tokio::test]
    async fn an_open_front_takes_who_brings_nothing_for_staff_and_no_one_else() {
        let (gate, authorization) = gate(true, &["orders"]).await;
        let told = gate.admit(&authorization, &with(None)).expect("admitted").expect("told");
        assert_eq!(told["jwt"]["claims"]["scope"], "staff orders");
        assert_eq!(status(gate.admit(&authorization, &with(Some("Bearer x")))), 401);
        assert_eq!(status(gate.admit(&Authorization::Iam, &with(None))), 200);
        assert_eq!(status(gate.admit(&Authorization::Iam, &with(Some("Bearer x")))), 403);
    }

    #[tokio::test]
    async fn a_route_s_scope_is_asked_for() {
        let (gate, authorization) = gate(false, &["orders", "all"]).await;
        let issuer = gate.issuer.as_ref().expect("an issuer");
        for (scope, expected) in [("orders", 200), ("all", 200), ("orders:read", 403)] {
            let token = issuer.token(&Holder::new("ada").with_scope(scope)).expect("a token");
            let admitted = gate.admit(&authorization, &with(Some(&format!("Bearer {token}"))));
            assert_eq!(status(admitted), expected, "{scope}");
        }
    }

    #[tokio::test]
    async fn a_signature_has_to_be_there() {
        let (gate, _) = gate(false, &[]).await;
        let signed = "AWS4-HMAC-SHA256 Credential=AKIA1/20260115/us-east-1/execute-api/aws4_request, Signature=0";
        let told = gate.admit(&Authorization::Iam, &with(Some(signed))).expect("admitted");
        assert_eq!(told.expect("told")["iam"]["accessKey"], "AKIA1");
        for header in [None, Some("Bearer x"), Some("AWS4-HMAC-SHA256 Credential=/")] {
            assert_eq!(status(gate.admit(&Authorization::Iam, &with(header))), 403, "{header:?}");
        }
    }
}
