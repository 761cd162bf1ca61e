//! What every AWS client of a function is built from.

use crate::{Environment, SettingError};
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use std::time::Duration;

pub use aws_config::SdkConfig;

/// A connection that takes longer than this is tried anew: within a region it takes milliseconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// An attempt that takes longer than this is given up on, so that a lost response leaves time for
/// another attempt before the invocation's own timeout.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// The region, credentials, endpoint, timeouts and retries of every client.
///
/// Region and credentials come from the environment alone, as Lambda sets them: the SDK's longer chain
/// (profiles, container and instance metadata) has nothing to find in a Lambda and costs start-up time.
/// `AWS_ENDPOINT_URL` is honoured, which is how an emulator is reached.
///
/// # Errors
/// [`SettingError::Missing`] when `AWS_REGION` is not set.
pub async fn aws_config(environment: &Environment) -> Result<SdkConfig, SettingError> {
    let region = environment.required("AWS_REGION")?.to_owned();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts);
    if let Some(endpoint) = environment.optional("AWS_ENDPOINT_URL") {
        loader = loader.endpoint_url(endpoint);
    }
    Ok(loader.load().await)
}
