//! The `sweep` Lambda function, called by a schedule.

use fanfare_bootstrap::{Environment, ErrorChain, Metric};
use fanfare_event::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use sweep::Sweep;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::of_process();
    fanfare_bootstrap::init_logging(&environment)?;
    let sweep = Sweep::new(&environment).await.inspect_err(|error| {
        tracing::error!(error = %ErrorChain(error), "the sweep can't start");
    })?;
    let function = environment.optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or("sweep");
    let handle = |_: LambdaEvent<Value>| {
        let sweep = &sweep;
        async move {
            let now = Timestamp::now();
            // A sweep that fails is made again by Lambda's retries, and by the schedule.
            let announced = sweep.run(now).await.map_err(|error| {
                tracing::error!(error = %ErrorChain(&error), "the sweep failed");
                Error::from(error)
            })?;
            let timed_out = Metric::count("OrdersTimedOut", announced as u64);
            fanfare_bootstrap::write_metrics(function, now.as_millisecond(), &[timed_out]);
            Ok::<_, Error>(announced)
        }
    };
    lambda_runtime::run(service_fn(handle)).await
}
