//! HTTP as a user of the API speaks it.

use crate::invocation::{self, Invocation};
use crate::signature::Signer;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// A client of one base URL. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    http: legacy::Client<HttpConnector, Full<Bytes>>,
    base: String,
    /// The host that is meant, where the base is an emulator that serves many, and who calls.
    signed: Option<(HeaderValue, Signer)>,
    /// The token that calls carry.
    token: Option<HeaderValue>,
    /// The function that is called instead of the front.
    invocation: Option<Invocation>,
}

/// What was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON, or as a JSON text if it is none.
    pub body: Value,
}

impl Client {
    /// A client of `base`, such as `http://127.0.0.1:8080`.
    pub fn new(base: impl Into<String>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = legacy::Client::builder(TokioExecutor::new()).build(connector);
        Self { http, base: base.into(), signed: None, token: None, invocation: None }
    }

    /// A client of the HTTP API at `url`, which the emulator at `endpoint` serves, and which takes signed calls only.
    ///
    /// # Panics
    /// When `url` has no host.
    pub fn signed(url: &str, endpoint: &str, signer: Signer) -> Self {
        let host = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).expect("a host");
        let host = HeaderValue::from_str(host).expect("a host is text");
        Self { signed: Some((host, signer)), ..Self::new(endpoint) }
    }

    /// A client that calls a function at the emulator at `endpoint` itself, as AWS's function URL would.
    pub fn invoking(function: String, endpoint: &str, signer: Signer) -> Self {
        Self { invocation: Some(Invocation { function, signer }), ..Self::new(endpoint) }
    }

    /// The same with a token in each call.
    ///
    /// # Panics
    /// When it can't be in a header.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        let token = HeaderValue::from_str(&format!("Bearer {token}")).expect("a token is text");
        Self { token: Some(token), ..self.clone() }
    }

    /// The same without a token.
    #[must_use]
    pub fn without_token(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// The base URL.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Makes a call.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let body = body.into();
        if let Some(invocation) = &self.invocation {
            let request = invocation.request(&self.base, (&method, path), headers, &body);
            return invocation::answer(self.send(request).await);
        }
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Full::new(body.clone())).expect("a valid request");
        // Without a type LocalStack takes a body for a form, and drops it.
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().entry(CONTENT_TYPE).or_insert(json);
        if let Some(token) = &self.token {
            request.headers_mut().entry(AUTHORIZATION).or_insert(token.clone());
        }
        if let Some((host, signer)) = &self.signed {
            request.headers_mut().insert(HOST, host.clone());
            signer.sign(&mut request, host.to_str().expect("a host is text"), &body);
        }
        self.send(request).await
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let response = self.http.request(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        let text = || Value::String(String::from_utf8_lossy(&body).into_owned());
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body: serde_json::from_slice(&body).unwrap_or_else(|_| text()),
        }
    }

    /// `GET`
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], "").await
    }

    /// `PUT` of JSON, under a key of its own.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        let key = crate::unique("put");
        self.call(Method::PUT, path, &[("idempotency-key", &key)], body.to_string()).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, &[], body.to_string()).await
    }
}
