//! What every AWS client of a function is built from.

use crate::{Environment, SettingError};
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::SharedCredentialsProvider;
use std::time::Duration;

/// What AWS clients are built from: `aws_config`'s own type, since every client of the AWS SDK takes it. A new major
/// version of `aws-config` is a new minor version (0.x) or major version of this crate.
pub use aws_config::SdkConfig;

/// A connection that takes longer than this is tried anew: within a region it takes milliseconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// An attempt that takes longer than this is given up on, so that a lost response leaves time for
/// another attempt before the invocation's own timeout.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);

/// The region, credentials, endpoint, timeouts and retries of every client.
///
/// All of it comes from the environment alone, as Lambda sets it. The SDK's own loader would look for more
/// (profiles, container and instance metadata): in a Lambda it finds nothing, takes start-up time, and makes the
/// program a tenth bigger. `AWS_ENDPOINT_URL` is honoured, which is how an emulator is reached.
///
/// An attempt may take 3 s and a connection 1 s; what fails in passing is tried three times in all.
///
/// ```
/// use fanfare_bootstrap::{Environment, aws_config};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), fanfare_bootstrap::SettingError> {
/// let environment = Environment::from_iter([("AWS_REGION", "eu-central-1")]);
/// let config = aws_config(&environment).await?;
/// assert_eq!(config.region().map(ToString::to_string).as_deref(), Some("eu-central-1"));
/// // aws_sdk_dynamodb::Client::new(&config) and the like are built from it.
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`SettingError`] when `AWS_REGION` is not set, or `AWS_USE_FIPS_ENDPOINT` or `AWS_USE_DUALSTACK_ENDPOINT` is
/// neither `true` nor `false`.
pub async fn aws_config(environment: &Environment) -> Result<SdkConfig, SettingError> {
    let region = environment.required("AWS_REGION")?.to_owned();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .use_fips(environment.parsed("AWS_USE_FIPS_ENDPOINT", false)?)
        .use_dual_stack(environment.parsed("AWS_USE_DUALSTACK_ENDPOINT", false)?)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .identity_cache(IdentityCache::lazy().build())
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts);
    config.set_endpoint_url(environment.optional("AWS_ENDPOINT_URL").map(str::to_owned));
    Ok(config.build())
}
