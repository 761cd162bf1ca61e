//! Signing calls of an HTTP API that asks for IAM's signature.

use aws_sdk_sqs::config::ProvideCredentials;
use aws_sdk_sqs::error::BoxError;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use fanfare_operate::{Connection, is_local};
use http::{HeaderName, HeaderValue, Request, Uri};
use std::time::SystemTime;

/// The services that an API's calls are signed for, by what its host name says
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html>,
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>).
const SERVICES: [(&str, &str); 2] = [("execute-api", "execute-api"), ("lambda-url", "lambda")];

/// For which service in which region calls are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) service: &'static str,
    /// `None`: the one that is configured.
    pub(crate) region: Option<String>,
}

/// What an API's address asks for: the signature of the service that its name tells, on AWS and on emulators. Any
/// other name is taken for a domain of API Gateway, except on this machine: that is the local runner, which asks
/// for nothing.
pub(crate) fn scope(api: &Uri) -> Option<Scope> {
    let mut labels = api.host()?.split('.');
    while let Some(label) = labels.next() {
        if let Some((_, service)) = SERVICES.iter().find(|(name, _)| *name == label) {
            let region = labels.next().filter(|label| *label != "localhost");
            return Some(Scope { service, region: region.map(str::to_owned) });
        }
    }
    let is_here = is_local(&api.to_string()).unwrap_or(false);
    (!is_here).then_some(Scope { service: "execute-api", region: None })
}

/// Adds the signature's headers to a request.
///
/// # Errors
/// When there are no credentials, or the request is none.
pub(crate) async fn sign_request(
    connection: &Connection,
    scope: &Scope,
    request: &mut Request<String>,
) -> Result<(), BoxError> {
    let provider = connection.config().credentials_provider().ok_or("there are no credentials")?;
    let identity = provider.provide_credentials().await?.into();
    let configured = connection.config().region().map(AsRef::as_ref);
    let region = scope.region.as_deref().or(configured).ok_or("there is no region")?;
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(scope.service)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()?
        .into();
    let uri = request.uri().to_string();
    let headers = request.headers().iter();
    let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = SignableBody::Bytes(request.body().as_bytes());
    let signable = SignableRequest::new(request.method().as_str(), uri, headers, body)?;
    let (instructions, _) = sign(signable, &parameters)?.into_parts();
    let (headers, _) = instructions.into_parts();
    for header in headers {
        let name = HeaderName::from_bytes(header.name().as_bytes())?;
        request.headers_mut().insert(name, HeaderValue::from_str(header.value())?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope_of(url: &str) -> Option<Scope> {
        scope(&url.parse().expect("a URL"))
    }

    #[test]
    fn an_api_s_address_says_what_its_calls_are_signed_for() {
        assert_eq!(scope_of("http://127.0.0.1:8080"), None);
        let configured = |service| Some(Scope { service, region: None });
        assert_eq!(scope_of("http://abc.execute-api.localhost:4571"), configured("execute-api"));
        let signed =
            |service, region: &str| Some(Scope { service, region: Some(region.to_owned()) });
        assert_eq!(
            scope_of("https://abc.execute-api.eu-west-1.amazonaws.com"),
            signed("execute-api", "eu-west-1")
        );
        assert_eq!(
            scope_of("https://abc.lambda-url.us-east-2.on.aws/"),
            signed("lambda", "us-east-2")
        );
        assert_eq!(
            scope_of("http://abc.lambda-url.us-east-1.localhost.localstack.cloud:4566/"),
            signed("lambda", "us-east-1")
        );
        let own = Some(Scope { service: "execute-api", region: None });
        assert_eq!(scope_of("https://api.example.com"), own);
    }
}
