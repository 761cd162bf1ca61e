//! A small HTTP client for the store's API and the runner's endpoint.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a call has no usable answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// Nobody answers there, or the answer broke off.
    #[error("{method} {url} failed")]
    Failed { method: Method, url: String, source: Source },
    /// The answer is a refusal.
    #[error("{method} {url} was answered {status}: {body}")]
    Refused { method: Method, url: String, status: StatusCode, body: String },
}

/// A client that keeps its connections.
#[derive(Clone)]
pub(crate) struct HttpClient {
    client: Client<HttpConnector, Full<Bytes>>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl HttpClient {
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    /// Makes a call and gives whatever is answered.
    ///
    /// # Errors
    /// [`CallError::Failed`].
    pub(crate) async fn call(
        &self,
        method: Method,
        url: &str,
        body: impl Into<Bytes>,
    ) -> Result<Answer, CallError> {
        let failed = |source: Source| CallError::Failed {
            method: method.clone(),
            url: url.to_owned(),
            source,
        };
        let request = Request::builder()
            .method(method.clone())
            .uri(url)
            .header("content-type", "application/json")
            .body(Full::new(body.into()))
            .map_err(|e| failed(e.into()))?;
        let response = self.client.request(request).await.map_err(|e| failed(e.into()))?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|e| failed(e.into()))?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }

    /// Makes a call whose answer is JSON.
    ///
    /// # Errors
    /// [`CallError`]; a status of 400 or more is `Refused`.
    pub(crate) async fn json(
        &self,
        method: Method,
        url: &str,
        body: Option<&Value>,
    ) -> Result<Value, CallError> {
        let text = body.map(Value::to_string).unwrap_or_default();
        let answer = self.call(method.clone(), url, text).await?;
        let url = url.to_owned();
        if answer.status.is_client_error() || answer.status.is_server_error() {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(CallError::Refused { method, url, status: answer.status, body });
        }
        serde_json::from_slice(&answer.body).map_err(|e| CallError::Failed {
            method,
            url,
            source: e.into(),
        })
    }
}
