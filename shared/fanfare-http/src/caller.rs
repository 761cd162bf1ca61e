//! Who calls.

use crate::Token;
use aws_lambda_events::apigw::{
    ApiGatewayRequestAuthorizerIamDescription, ApiGatewayV2httpRequestContext,
};

/// Who calls, as far as the front (API Gateway, or the function URL) has found out: it is read from the request's context,
/// which the front alone writes, and never from a header. What a caller may do is for the handler to say.
///
/// ```
/// use fanfare_http::{Caller, Problem, Request, Token};
///
/// fn customer(request: &Request) -> Result<&str, Problem> {
///     match request.caller() {
///         Caller::Token(token) => Ok(token.subject()),
///         Caller::Iam { .. } | Caller::Unknown => Err(Problem::forbidden("only customers may do this")),
///     }
/// }
///
/// let ada = Caller::Token(Token::new("https://login.example.com", "ada"));
/// let request = Request::new("GET", "/orders").with_caller(ada);
/// assert_eq!(customer(&request), Ok("ada"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Caller {
    /// Nobody asked, since the front lets everybody through; or what it passed on names nobody.
    #[default]
    Unknown,
    /// The holder of a JSON Web Token that the front has checked.
    Token(Token),
    /// A principal of AWS that signed the call. One that a Cognito identity pool made for its user is [unknown](Self::Unknown): its
    /// role is everybody's, and says nothing of who that is.
    Iam {
        /// The user's or role's ARN; of a role's session the name of the session is left out, since a repeat may come
        /// from another.
        arn: String,
    },
}

impl Caller {
    pub(crate) fn of(context: &ApiGatewayV2httpRequestContext) -> Self {
        let Some(authorizer) = &context.authorizer else { return Self::Unknown };
        let caller = match (&authorizer.jwt, &authorizer.iam) {
            (Some(token), _) => Token::of(&token.claims).map(Self::Token),
            (None, Some(iam)) => principal(iam).map(|arn| Self::Iam { arn }),
            (None, None) => None,
        };
        caller.unwrap_or_default()
    }

    /// A text that tells callers apart; empty for one who is not known.
    pub(crate) fn scope(&self) -> String {
        match self {
            Self::Unknown => String::new(),
            Self::Token(token) => format!("token {} {}", token.issuer(), token.subject()),
            Self::Iam { arn } => format!("iam {arn}"),
        }
    }
}

fn principal(iam: &ApiGatewayRequestAuthorizerIamDescription) -> Option<String> {
    let arn =
        iam.user_arn.as_deref().filter(|arn| !arn.is_empty() && iam.cognito_identity.is_none())?;
    let without_session = arn.rsplit_once('/').filter(|_| arn.contains(":assumed-role/"));
    Some(without_session.map_or(arn, |(role, _)| role).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn caller(authorizer: Value) -> Caller {
        let http = json!({ "method": "GET" });
        let context = json!({ "http": http, "authorizer": authorizer });
        Caller::of(&serde_json::from_value(context).expect("a context"))
    }

    #[test]
    fn a_token_s_holder_is_known_by_issuer_and_subject() {
        let claims = json!({ "iss": "https://login", "sub": "ada", "scope": "orders" });
        let ada = Token::new("https://login", "ada").with_claim("scope", "orders");
        assert_eq!(caller(json!({ "jwt": { "claims": claims } })), Caller::Token(ada));
    }

    #[test]
    fn a_role_is_the_same_caller_in_each_of_its_sessions() {
        let session = |name| format!("arn:aws:sts::123456789012:assumed-role/till/{name}");
        let by = |arn| caller(json!({ "iam": { "userArn": arn } }));
        assert_eq!(by(session("one")), by(session("two")));
        let user = "arn:aws:iam::123456789012:user/ada".to_owned();
        assert_eq!(by(user.clone()), Caller::Iam { arn: user });
    }

    #[test]
    fn who_is_not_asked_or_not_named_is_not_known() {
        let user = json!({ "userArn": "arn:aws:iam::123456789012:user/ada" });
        let mut pooled = user.clone();
        pooled["cognitoIdentity"] = json!({ "amr": [], "identityId": "eu-west-1:1" });
        for authorizer in [
            json!(null),
            json!({}),
            json!({ "jwt": { "claims": null } }),
            json!({ "jwt": { "claims": { "iss": "https://login" } } }),
            json!({ "jwt": { "claims": { "iss": "https://login", "sub": "" } } }),
            json!({ "jwt": { "claims": { "sub": "ada" } }, "iam": user }),
            json!({ "lambda": { "sub": "ada", "iss": "https://login" } }),
            json!({ "iam": { "userArn": null } }),
            json!({ "iam": { "userArn": "" } }),
            json!({ "iam": pooled }),
        ] {
            assert_eq!(caller(authorizer.clone()), Caller::Unknown, "{authorizer}");
        }
    }
}
