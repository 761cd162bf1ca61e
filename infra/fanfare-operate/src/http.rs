//! Plain HTTP calls, for what has no client in the SDK.

use aws_sdk_sqs::error::BoxError;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use http::{Request, Response};
use http_body_util::BodyExt;
use std::time::Duration;

/// A client for plain HTTP calls, over TLS where the address says `https`. It keeps its connections.
#[derive(Debug)]
pub struct HttpClient(Connector);

impl Default for HttpClient {
    fn default() -> Self {
        Self(Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build())
    }
}

impl HttpClient {
    /// Makes a call and gives the whole answer, whatever its status. The head and the body may take `patience` each.
    ///
    /// # Errors
    /// When nobody answers in time, or the answer breaks off.
    pub async fn call(
        &self,
        request: Request<String>,
        patience: Duration,
    ) -> Result<Response<Vec<u8>>, BoxError> {
        let request = HttpRequest::try_from(request.map(Into::into))?;
        let response = tokio::time::timeout(patience, self.0.call(request)).await??;
        let (head, body) = response.try_into_http1x()?.into_parts();
        let body = tokio::time::timeout(patience, body.collect()).await??;
        Ok(Response::from_parts(head, body.to_bytes().to_vec()))
    }
}
