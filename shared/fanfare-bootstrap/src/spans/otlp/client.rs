//! The AWS SDK's HTTP client, as OTLP takes one.

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};

/// The connector that the clients of AWS have too: what it is made of is in the program anyway.
#[derive(Debug)]
pub(super) struct SdkClient(SharedHttpConnector);

impl SdkClient {
    pub(super) fn new() -> Option<Self> {
        aws_smithy_http_client::default_connector(&HttpConnectorSettings::default(), None).map(Self)
    }
}

#[async_trait::async_trait]
impl HttpClient for SdkClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let mut request = HttpRequest::new(body.into());
        request.set_method(parts.method.as_str())?;
        request.set_uri(parts.uri.to_string())?;
        for (name, value) in &parts.headers {
            request
                .headers_mut()
                .try_insert(name.as_str().to_owned(), value.to_str()?.to_owned())?;
        }
        let answer = self.0.call(request).await?;
        let status = answer.status().as_u16();
        // Read to its end, or the connection could not be used again.
        let body = ByteStream::new(answer.into_body()).collect().await?.into_bytes();
        Ok(Response::builder().status(status).body(body)?)
    }
}
