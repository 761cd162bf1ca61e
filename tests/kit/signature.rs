//! Signs calls of the HTTP API, which is open to AWS principals alone.

use aws_sdk_sqs::config::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use std::time::SystemTime;

/// Signs in the name of one principal.
#[derive(Debug, Clone)]
pub struct Signer {
    pub(crate) credentials: Credentials,
    pub(crate) region: String,
}

impl Signer {
    /// Adds a signature (version 4) to a request to this host.
    pub(crate) fn sign(&self, request: &mut Request<Full<Bytes>>, host: &str, body: &[u8]) {
        let identity = self.credentials.clone().into();
        let service = if host.contains("lambda") { "lambda" } else { "execute-api" };
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .expect("nothing is missing")
            .into();
        let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let url = format!("http://{host}{path}");
        let headers = request.headers().iter().map(|(name, value)| {
            (name.as_str(), value.to_str().expect("headers of tests are text"))
        });
        let method = request.method().as_str();
        let signable = SignableRequest::new(method, url, headers, SignableBody::Bytes(body));
        let signed = sign(signable.expect("it can be signed"), &parameters).expect("it is signed");
        signed.into_parts().0.apply_to_request_http1x(request);
    }
}
