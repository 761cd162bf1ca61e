//! Where the stack is, and how to get there.

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use composition::Environment;
use http::Uri;
use std::time::Duration;

/// Longer than any call here takes.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The region that the local runner and the emulators are said to be in.
const LOCAL_REGION: &str = "us-east-1";

/// Which stack is meant.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where the AWS services are; `None`: `AWS_ENDPOINT_URL`, or AWS itself.
    pub endpoint: Option<String>,
    /// The region; `None`: that of the environment or the profile.
    pub region: Option<String>,
}

/// Why there is no way to the services.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The endpoint is no URL.
    #[error("{0:?} is no endpoint: it should look like http://127.0.0.1:4566")]
    Endpoint(String),
    /// No region is known.
    #[error("no region: give --region, or set AWS_REGION")]
    Region,
}

/// Finds endpoint, region and credentials. An endpoint on this machine needs none of the latter: made-up ones do
/// if none are set.
///
/// # Errors
/// [`ConnectError`].
pub async fn connect(
    target: &Target,
    environment: &Environment,
) -> Result<SdkConfig, ConnectError> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts);
    let region = target.region.as_deref().or(environment.optional("AWS_REGION"));
    let mut region = region.or(environment.optional("AWS_DEFAULT_REGION"));
    let endpoint = target.endpoint.as_deref().or(environment.optional("AWS_ENDPOINT_URL"));
    if let Some(endpoint) = endpoint {
        let bad = || ConnectError::Endpoint(endpoint.to_owned());
        let is_local = is_local(endpoint).ok_or_else(bad)?;
        let set = |name| environment.optional(name).is_some();
        if is_local && !set("AWS_ACCESS_KEY_ID") && !set("AWS_PROFILE") {
            loader = loader.credentials_provider(made_up());
        }
        if is_local {
            region = region.or(Some(LOCAL_REGION));
        }
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    let config = loader.load().await;
    match config.region() {
        Some(_) => Ok(config),
        None => Err(ConnectError::Region),
    }
}

/// Credentials that mean nothing, for services that look at none.
fn made_up() -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new("local", "local", None, None, "made up"))
}

/// Whether a URL is one of this machine; `None` when it is none.
fn is_local(url: &str) -> Option<bool> {
    let url: Uri = url.parse().ok()?;
    let host = url.host().filter(|_| url.scheme().is_some())?;
    let is_loopback = host.starts_with("127.") || host == "[::1]";
    Some(is_loopback || host == "localhost" || host.ends_with(".localhost"))
}
