//! One request to the gateway, and its answer or the lack of one.

use super::key::{ApiKey, Keys};
use super::reply::Reply;
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use fanfare::Failure;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use http_body_util::{BodyExt, Limited};
use std::error::Error;
use std::sync::OnceLock;
use std::time::Duration;

/// The [version](https://docs.stripe.com/api/versioning) of the API that answers are read by.
const API_VERSION: &str = "2025-12-15.clover";
/// The header of an answer that was [kept](https://docs.stripe.com/error-low-level#idempotency) for the repeats of its key.
const REPLAYED: &str = "idempotent-replayed";
/// How many keys a request may spend. Every try spends one at the most, and a message is tried a few times.
pub(super) const KEYS: u32 = 16;
/// The most that is read of an answer, in bytes; a payment intent is about 4,000.
const ANSWER_LIMIT: usize = 256 * 1024;

/// How long the gateway is waited for. A charge is two requests, which fit into an invocation of 10 seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// For a connection.
    pub(super) connect: Duration,
    /// For a whole answer.
    pub(super) answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(2), answer: Duration::from_secs(4) }
    }
}

/// The gateway, at the other end of the line.
#[derive(Debug)]
pub(super) struct Connection {
    base: String,
    keys: Keys,
    patience: Patience,
    /// Made when it is needed first: it reads the trusted certificates.
    connector: OnceLock<SharedHttpConnector>,
}

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Call {
    method: Method,
    path: String,
    idempotency_key: Option<String>,
    form: String,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Missed {
    /// The request never left.
    NotSent(Failure),
    /// It may have arrived or not.
    Unanswered(Lost),
}

/// How an answer was lost.
#[derive(Debug, thiserror::Error)]
pub(super) enum Lost {
    #[error("no answer in time")]
    Late,
    #[error("the connection failed")]
    Connection(#[source] ConnectorError),
    #[error("the answer broke off")]
    BrokeOff(#[source] Box<dyn Error + Send + Sync>),
}

impl Call {
    pub(super) fn get(path: String) -> Self {
        Self { method: Method::GET, path, idempotency_key: None, form: String::new() }
    }

    pub(super) fn post(path: String, form: &[(&str, &str)]) -> Self {
        let mut text = form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(form);
        Self { method: Method::POST, path, idempotency_key: None, form: text.finish() }
    }

    /// The same request, of which repeats do nothing.
    pub(super) fn once(self, key: impl Into<String>) -> Self {
        Self { idempotency_key: Some(key.into()), ..self }
    }

    /// The same request under the nth key that follows from a first, counted from 1.
    pub(super) fn nth(&self, n: u32, first: &str) -> Self {
        self.clone().once(match n {
            0 | 1 => first.to_owned(),
            n => format!("{first}/{n}"),
        })
    }

    fn request(&self, base: &str, key: &ApiKey) -> Result<HttpRequest, Failure> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(format!("{base}{}", self.path))
            .header(AUTHORIZATION, key.authorization()?)
            .header("stripe-version", API_VERSION);
        if self.method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(key) = &self.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        let malformed = |e: Box<dyn Error + Send + Sync>| {
            Failure::permanent("the request to the gateway is malformed").caused_by(e)
        };
        let request = request.body(SdkBody::from(self.form.as_str()));
        let request = request.map_err(|e| malformed(e.into()))?;
        HttpRequest::try_from(request).map_err(|e| malformed(e.into()))
    }
}

impl Connection {
    pub(super) fn new(base: String, keys: Keys, patience: Patience) -> Self {
        Self { base, keys, patience, connector: OnceLock::new() }
    }

    /// Makes a request. One that is refused for its key is made again if there is a new key by now.
    pub(super) async fn call(&self, call: Call) -> Result<Reply, Missed> {
        let key = self.keys.get().await.map_err(Missed::NotSent)?;
        let reply = self.send(&call, &key).await?;
        if reply.status != 401 {
            return Ok(reply);
        }
        match self.keys.another_than(&key).await.map_err(Missed::NotSent)? {
            Some(key) => self.send(&call, &key).await,
            None => Ok(reply),
        }
    }

    /// Makes a request of which repeats do nothing, under the first key that is not spent. All that ask so come to the
    /// same key: one is passed over only for an answer that Stripe has kept.
    pub(super) async fn call_once(&self, call: &Call, first: &str) -> Result<Reply, Missed> {
        let mut reply = self.call(call.nth(1, first)).await?;
        for n in 2..=KEYS {
            if !reply.is_spent() {
                break;
            }
            reply = self.call(call.nth(n, first)).await?;
        }
        Ok(reply)
    }

    async fn send(&self, call: &Call, key: &ApiKey) -> Result<Reply, Missed> {
        let request = call.request(&self.base, key).map_err(Missed::NotSent)?;
        let answer = async {
            let response = self.connector().call(request).await.map_err(Lost::Connection)?;
            let status = response.status().as_u16();
            let is_replayed = response.headers().get(REPLAYED) == Some("true");
            let body = Limited::new(response.into_body(), ANSWER_LIMIT).collect().await;
            let body = body.map_err(Lost::BrokeOff)?.to_bytes();
            Ok(Reply { status, is_replayed, body })
        };
        let answer = tokio::time::timeout(self.patience.answer, answer).await;
        answer.unwrap_or(Err(Lost::Late)).map_err(Missed::Unanswered)
    }

    fn connector(&self) -> &SharedHttpConnector {
        self.connector.get_or_init(|| {
            let settings =
                HttpConnectorSettings::builder().connect_timeout(self.patience.connect).build();
            let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
            let connector = Connector::builder().connector_settings(settings).tls_provider(tls);
            SharedHttpConnector::new(connector.build())
        })
    }
}
