//! The `sweep` Lambda function, called by a schedule.

use fanfare_bootstrap::{Environment, ErrorChain};
use fanfare_event::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use std::convert::Infallible;
use std::time::{Duration, SystemTime};
use sweep::Sweep;
use tokio::time::Instant;

/// What is kept of an invocation's time for its answer to reach Lambda.
const RESERVE: Duration = Duration::from_millis(500);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::of_process();
    fanfare_bootstrap::init_logging(&environment)?;
    let sweep = Sweep::new(&environment).await.inspect_err(|error| {
        tracing::error!(error = %ErrorChain(error), "the sweep can't start");
    })?;
    let function = environment.optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or("sweep");
    let handle = |call: LambdaEvent<Value>| {
        let sweep = &sweep;
        async move {
            let now = Timestamp::now();
            // What a sweep leaves, the schedule's next one does.
            let swept = sweep.run(now, deadline(call.context.deadline)).await;
            let metrics = swept.metrics();
            fanfare_bootstrap::write_metrics(function, now.as_millisecond(), &metrics);
            Ok::<_, Infallible>(swept)
        }
    };
    lambda_runtime::run(service_fn(handle)).await
}

/// When requests have to have ended, by Lambda's own deadline in milliseconds since 1970.
fn deadline(since_1970_ms: u64) -> Instant {
    let end = SystemTime::UNIX_EPOCH + Duration::from_millis(since_1970_ms);
    let left = end.duration_since(SystemTime::now()).unwrap_or_default();
    Instant::now() + left.saturating_sub(RESERVE)
}
