//! Who calls.

use aws_lambda_events::apigw::{
    ApiGatewayRequestAuthorizerIamDescription, ApiGatewayV2httpRequestContext,
};

/// Who calls, as far as the front (API Gateway, or the function URL) has found out. What a caller may do is for the
/// handler to say.
///
/// ```
/// use fanfare_http::{Caller, Problem, Request};
///
/// fn customer(request: &Request) -> Result<&str, Problem> {
///     match request.caller() {
///         Caller::Token { subject, .. } => Ok(subject),
///         Caller::Iam { .. } | Caller::Unknown => Err(Problem::forbidden("only customers may do this")),
///     }
/// }
///
/// let ada = Caller::Token { issuer: "https://login.example.com".to_owned(), subject: "ada".to_owned() };
/// let request = Request::new("GET", "/orders").with_caller(ada);
/// assert_eq!(customer(&request), Ok("ada"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Caller {
    /// Nobody asked: the front lets everybody through.
    #[default]
    Unknown,
    /// The holder of a JSON Web Token that the front has checked.
    Token {
        /// Who issued it: its claim `iss`.
        issuer: String,
        /// Whose it is: its claim `sub`.
        subject: String,
    },
    /// A principal of AWS that signed the call.
    Iam {
        /// The user's or role's ARN; of a role's session the name of the session is left out, since a repeat may come
        /// from another.
        arn: String,
    },
}

impl Caller {
    pub(crate) fn of(context: &ApiGatewayV2httpRequestContext) -> Self {
        let Some(authorizer) = &context.authorizer else { return Self::Unknown };
        if let Some(token) = &authorizer.jwt {
            let claim = |name| token.claims.get(name).cloned();
            if let (Some(issuer), Some(subject)) = (claim("iss"), claim("sub")) {
                return Self::Token { issuer, subject };
            }
        }
        let arn = authorizer.iam.as_ref().and_then(principal);
        arn.map_or(Self::Unknown, |arn| Self::Iam { arn })
    }

    /// A text that tells callers apart; empty for one who is not known.
    pub(crate) fn scope(&self) -> String {
        match self {
            Self::Unknown => String::new(),
            Self::Token { issuer, subject } => format!("token {issuer} {subject}"),
            Self::Iam { arn } => format!("iam {arn}"),
        }
    }
}

fn principal(iam: &ApiGatewayRequestAuthorizerIamDescription) -> Option<String> {
    let arn = iam.user_arn.as_deref()?;
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
        let ada = Caller::Token { issuer: "https://login".to_owned(), subject: "ada".to_owned() };
        assert_eq!(caller(json!({ "jwt": { "claims": claims } })), ada);
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
    fn who_is_not_asked_is_not_known() {
        assert_eq!(caller(json!(null)), Caller::Unknown);
        assert_eq!(
            caller(json!({ "jwt": { "claims": { "iss": "https://login" } } })),
            Caller::Unknown
        );
    }
}
