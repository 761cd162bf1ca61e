//! Calls of the store's HTTP API.

use super::sign::{Scope, scope, sign_request};
use aws_sdk_sqs::error::BoxError;
use fanfare_bootstrap::Environment;
use fanfare_event::Timestamp;
use fanfare_operate::{
    ConnectError, Connection, HttpClient, LOCAL_DOMAINS, OperateError, Target, is_local,
};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderValue, Request, Uri, uri};
use serde_json::Value;
use std::time::Duration;

/// How long an answer may take: longer than any function behind the API may.
pub(crate) const PATIENCE: Duration = Duration::from_secs(35);
/// How often a call is made that is not answered, or answered with a request to come back; and the pause
/// before, which doubles.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(200);
/// The variable with a token for an API that asks for one instead of a signature.
pub(crate) const TOKEN: &str = "FANFARE_TOKEN";

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The address is none.
    #[error("{0:?} is no address of an API: it should look like http://127.0.0.1:8080")]
    Address(String),
    /// The API wants a signature, and there is nothing to sign with.
    #[error("the calls of this API have to be signed")]
    Connect(#[from] ConnectError),
    /// The stack does not answer.
    #[error(transparent)]
    Stack(#[from] OperateError),
    /// CloudFormation does not tell where the API is.
    #[error("where the HTTP API of stack {stack} is, is not known: give its address with --api")]
    Unknown {
        /// The stack.
        stack: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// The token has characters that no token has.
    #[error("the token in {TOKEN} can't be sent")]
    Token(#[source] http::header::InvalidHeaderValue),
    /// Whoever listens on the way could read the token.
    #[error(
        "the token in {TOKEN} is not sent to {0}: only to an https address, or to this machine"
    )]
    Exposed(String),
    /// Nobody answers.
    #[error("{url} does not answer")]
    Unanswered {
        /// Who.
        url: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// It takes a token, and got none that it takes.
    #[error(
        "the API answered 401: {reason}; put a token into {TOKEN}, such as `fanfare token --staff` prints for `fanfare up`"
    )]
    Unauthorized {
        /// Why, in its words.
        reason: String,
    },
    /// It answers with a refusal.
    #[error("the API answered {status}: {reason}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Why, in its words.
        reason: String,
    },
    /// It answers with something else than what was asked for.
    #[error("the API's answer can't be read")]
    Malformed(#[source] serde_json::Error),
}

/// A client of the API.
#[derive(Debug)]
pub struct Api {
    base: Uri,
    client: HttpClient,
    signer: Option<(Connection, Scope)>,
    token: Option<HeaderValue>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The body, if it is JSON.
    pub(crate) body: Value,
}

impl Api {
    /// A client of the API at this address. Calls carry the token in `FANFARE_TOKEN`, or IAM's signature by the
    /// credentials and the region of `target`, made-up ones for an emulator if none are set. To the local runner without a
    /// token they are plain.
    ///
    /// # Errors
    /// [`ApiError::Address`], [`ApiError::Token`], [`ApiError::Exposed`], [`ApiError::Connect`].
    pub async fn open(
        address: &str,
        target: &Target,
        environment: &Environment,
    ) -> Result<Self, ApiError> {
        let wrong = || ApiError::Address(address.to_owned());
        let base: Uri = address.trim_end_matches('/').parse().map_err(|_| wrong())?;
        if base.scheme().is_none() || base.host().is_none() {
            return Err(wrong());
        }
        let token = environment.optional(TOKEN).map(|token| format!("Bearer {token}"));
        let token = token.map(|token| HeaderValue::from_str(&token)).transpose();
        let token = token.map_err(ApiError::Token)?;
        let is_safe = base.scheme_str() == Some("https") || is_local(address) == Some(true);
        if token.is_some() && !is_safe {
            return Err(ApiError::Exposed(address.to_owned()));
        }
        let signer = match scope(&base).filter(|_| token.is_none()) {
            Some(scope) => {
                Some((Connection::open(&nearby(target, &base), environment).await?, scope))
            }
            None => None,
        };
        Ok(Self { base, client: HttpClient::default(), signer, token })
    }

    /// Makes a call of a resource, and gives what is answered if it is not refused. A call that changes something has an
    /// idempotency key of its own, so that its repeats do nothing.
    ///
    /// # Errors
    /// [`ApiError::Refused`], [`ApiError::Unanswered`].
    pub(crate) async fn json(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, ApiError> {
        let body = body.map(Value::to_string).unwrap_or_default();
        // Unique: this program makes one call in a nanosecond at the most.
        let key = format!("store-{}", Timestamp::now().as_nanosecond());
        let headers = [("idempotency-key", key.as_str())];
        let headers = if method == "GET" { &[][..] } else { &headers[..] };
        let answer = self.call(method, path, headers, &body).await?;
        match answer.status {
            401 => Err(ApiError::Unauthorized { reason: reason(&answer.body) }),
            status @ 400.. => Err(ApiError::Refused { status, reason: reason(&answer.body) }),
            _ => Ok(answer.body),
        }
    }

    /// What is at a path.
    ///
    /// # Errors
    /// As [`json`](Self::json).
    pub(crate) async fn get(&self, path: &str) -> Result<Value, ApiError> {
        self.json("GET", path, None).await
    }

    /// Makes a call that does no harm when it is made twice, and makes it again while that may help.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> Result<Answer, ApiError> {
        let url = format!("{}{path}", self.base.to_string().trim_end_matches('/'));
        let mut tries = 1;
        loop {
            let answer = self.call_once(method, &url, headers, body).await;
            let may_help = match &answer {
                Ok(answer) => answer.status == 429 || answer.status >= 500,
                Err(_) => true,
            };
            if !may_help || tries == TRIES {
                return answer.map_err(|source| ApiError::Unanswered { url, source });
            }
            tokio::time::sleep(PAUSE * (1 << tries)).await;
            tries += 1;
        }
    }

    async fn call_once(
        &self,
        method: &str,
        url: &str,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> Result<Answer, BoxError> {
        let mut request = Request::builder().method(method).uri(url);
        request = request.header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body.to_owned())?;
        if let Some(token) = &self.token {
            request.headers_mut().insert(AUTHORIZATION, token.clone());
        }
        if let Some((connection, scope)) = &self.signer {
            sign_request(connection, scope, &mut request).await?;
        }
        resolve_local(&mut request)?;
        let answer = self.client.call(request, PATIENCE).await?;
        let body = serde_json::from_slice(answer.body()).unwrap_or_default();
        Ok(Answer { status: answer.status().as_u16(), body })
    }
}

/// The target, at an API of this machine if it names no other endpoint: nobody's credentials are needed there.
fn nearby(target: &Target, api: &Uri) -> Target {
    let here = Some(api.to_string()).filter(|api| is_local(api) == Some(true));
    Target { endpoint: target.endpoint.clone().or(here), ..target.clone() }
}

/// What a problem document (RFC 9457), or API Gateway's own refusal, says.
pub(crate) fn reason(body: &Value) -> String {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let said = text("detail").or(text("message")).or(text("Message")).unwrap_or("no reason given");
    match text("field") {
        Some(field) => format!("{field}: {said}"),
        None => said.to_owned(),
    }
}

/// Names that end in `.localhost` are this machine's (RFC 6761), which not every resolver knows. MiniStack tells
/// its APIs apart by them, and LocalStack by names that a public resolver has to be asked for.
fn resolve_local(request: &mut Request<String>) -> Result<(), BoxError> {
    let host = request.uri().host().unwrap_or_default();
    let Some(authority) = request
        .uri()
        .authority()
        .filter(|_| LOCAL_DOMAINS.iter().any(|domain| host.ends_with(domain)))
    else {
        return Ok(());
    };
    let name = HeaderValue::from_str(authority.as_str())?;
    let port = authority.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
    let mut parts: uri::Parts = request.uri().clone().into_parts();
    parts.authority = Some(format!("127.0.0.1{port}").parse()?);
    *request.uri_mut() = Uri::from_parts(parts)?;
    request.headers_mut().insert(HOST, name);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_below_localhost_is_this_machine_s() {
        let url = "http://abc.execute-api.localhost:4571/orders";
        let mut request = Request::builder().uri(url).body(String::new()).expect("a request");
        resolve_local(&mut request).expect("resolved");
        assert_eq!(request.uri().to_string(), "http://127.0.0.1:4571/orders");
        assert_eq!(request.headers()[HOST], "abc.execute-api.localhost:4571");
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_refused_with_an_example() {
        let target = Target { endpoint: None, ..Target::at("") };
        let error = Api::open("nowhere", &target, &Environment::default()).await;
        assert!(error.expect_err("no address").to_string().contains("http://127.0.0.1:8080"));
    }

    #[tokio::test]
    async fn a_token_goes_to_this_machine_or_over_https_alone() {
        let environment = Environment::from_iter([("FANFARE_TOKEN", "secret")]);
        let target = Target { endpoint: None, ..Target::at("") };
        for (url, is_sent) in [
            ("http://127.0.0.1:8080", true),
            ("http://store.localhost:8080", true),
            ("https://api.example.com", true),
            ("http://api.example.com", false),
            ("http://127.0.0.1.example.com", false),
        ] {
            let api = Api::open(url, &target, &environment).await;
            assert_eq!(api.is_ok_and(|api| api.token.is_some()), is_sent, "{url}");
        }
    }

    #[tokio::test]
    async fn an_emulator_s_api_is_signed_with_made_up_credentials_if_there_are_none() {
        let target = Target { endpoint: None, ..Target::at("") };
        let url = "http://abc.execute-api.localhost:4571";
        let api = Api::open(url, &target, &Environment::default()).await.expect("opened");
        let (connection, scope) = api.signer.as_ref().expect("signed");
        let mut request = Request::get(format!("{url}/orders")).body(String::new()).expect("one");
        sign_request(connection, scope, &mut request).await.expect("signed");
        let signature = request.headers()[AUTHORIZATION].to_str().expect("a text").to_owned();
        assert!(signature.contains("/us-east-1/execute-api/aws4_request"), "{signature}");
    }
}
