//! The Lambda function around the relay.

use crate::{Publisher, Settings, SettingsError, relay};
use aws_lambda_events::dynamodb::Event;
use fanfare_bootstrap::{Environment, ErrorChain, SettingError};
use lambda_runtime::{LambdaEvent, service_fn};
use std::convert::Infallible;
use std::fmt;
use std::time::{Duration, SystemTime};
use tokio::time::Instant;

/// What is kept of an invocation's time for its answer to reach Lambda.
const RESERVE: Duration = Duration::from_millis(500);

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a relay could not start, or stopped. Its `Debug` form, which is what a `main` that returns it prints, is the
/// error and its causes in one line.
///
/// ```
/// use fanfare_relay::{Error, SettingsError};
///
/// let error = Error::from(SettingsError::FifoTopic);
/// assert!(format!("{error:?}").starts_with("EVENTS_TOPIC is a FIFO topic"));
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is missing or malformed: mend the function's environment.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Lambda's runtime API can't be reached, or ended the function.
    #[error("the Lambda runtime stopped")]
    Lambda(#[source] Source),
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&ErrorChain(self), f)
    }
}

impl From<SettingError> for Error {
    fn from(error: SettingError) -> Self {
        Self::Settings(error.into())
    }
}

/// Starts logging, checks the settings, and takes batches from Lambda until it ends the process.
///
/// Reads from the environment: `EVENTS_TOPIC`, `DEAD_LETTER_QUEUE_URL`, `AWS_REGION`.
///
/// # Errors
/// When a setting is missing or malformed, or the Lambda runtime API can't be reached.
pub async fn run() -> Result<(), Error> {
    let environment = Environment::of_process();
    fanfare_bootstrap::init_logging(&environment)?;
    let settings = Settings::from_environment(&environment)?;
    let config = fanfare_bootstrap::aws_config(&environment).await?;
    let (sns, sqs) = (aws_sdk_sns::Client::new(&config), aws_sdk_sqs::Client::new(&config));
    let publisher = Publisher::new(sns, sqs, settings);
    let handle = |batch: LambdaEvent<Event>| {
        let publisher = &publisher;
        async move {
            let deadline = deadline(batch.context.deadline, SystemTime::now());
            Ok::<_, Infallible>(relay(batch.payload, publisher, deadline).await)
        }
    };
    // Boxed, since the compiler works out the layout of a caller's `main` through every future that it holds, and gives up
    // at a depth of 128 unless `main` raises its recursion limit.
    let served = Box::pin(lambda_runtime::run(service_fn(handle))).await;
    served.map_err(Error::Lambda)
}

/// When requests have to have ended, by Lambda's own deadline in milliseconds since 1970.
fn deadline(since_1970_ms: u64, now: SystemTime) -> Instant {
    let end = SystemTime::UNIX_EPOCH + Duration::from_millis(since_1970_ms);
    let left = end.duration_since(now).unwrap_or_default();
    Instant::now() + left.saturating_sub(RESERVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn requests_end_half_a_second_before_the_invocation() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
        assert_eq!(deadline(110_000, now) - Instant::now(), Duration::from_millis(9_500));
        assert_eq!(deadline(100_100, now), Instant::now(), "there is no time left");
        assert_eq!(deadline(1, now), Instant::now(), "the clock went on meanwhile");
    }
}
