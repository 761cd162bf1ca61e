//! The SDK's clients, on the simulated wire.

use crate::aws::wire::Wire;
use crate::cloud::Cloud;
use crate::invocation::Caller;
use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
use fanfare::Clients;
use std::sync::Arc;
use std::time::Duration;

/// As long as `composition` gives an attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
const ENDPOINT: &str = "http://aws.invalid";

/// A configuration: the same for every service, which each have a builder of their own.
macro_rules! config {
    ($service:ident, $cloud:expr, $caller:expr) => {{
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
        // The SDK's token buckets are the process's, and a run must not depend on the one before it.
        let partition =
            RetryPartition::custom("simulation").token_bucket(TokenBucket::default()).build();
        $service::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .endpoint_url(ENDPOINT)
            .allow_no_auth()
            .retry_config(RetryConfig::standard())
            .retry_partition(partition)
            .timeout_config(timeouts)
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .time_source($cloud.time)
            .http_client(Wire { cloud: Arc::clone($cloud), caller: Arc::clone($caller) })
            .build()
    }};
}

/// The clients of an execution environment.
pub(crate) fn clients(cloud: &Arc<Cloud>, caller: &Arc<Caller>) -> Clients {
    Clients { dynamodb: dynamodb_client(cloud, caller), sqs: sqs_client(cloud, caller) }
}

/// A client of SQS alone.
pub(crate) fn sqs_client(cloud: &Arc<Cloud>, caller: &Arc<Caller>) -> aws_sdk_sqs::Client {
    aws_sdk_sqs::Client::from_conf(config!(aws_sdk_sqs, cloud, caller))
}

/// A client of SNS.
pub(crate) fn sns_client(cloud: &Arc<Cloud>, caller: &Arc<Caller>) -> aws_sdk_sns::Client {
    aws_sdk_sns::Client::from_conf(config!(aws_sdk_sns, cloud, caller))
}

/// A client of DynamoDB alone.
pub(crate) fn dynamodb_client(
    cloud: &Arc<Cloud>,
    caller: &Arc<Caller>,
) -> aws_sdk_dynamodb::Client {
    aws_sdk_dynamodb::Client::from_conf(config!(aws_sdk_dynamodb, cloud, caller))
}
