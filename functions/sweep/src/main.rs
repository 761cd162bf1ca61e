//! The `sweep` Lambda function, called by a schedule.

use composition::{Environment, ErrorChain};
use event_schema::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use sweep::Sweep;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::of_process();
    composition::init_logging(&environment)?;
    let sweep = Sweep::new(&environment).await.inspect_err(|error| {
        tracing::error!(error = %ErrorChain(error), "the sweep can't start");
    })?;
    let handle = |_: LambdaEvent<Value>| {
        let sweep = &sweep;
        async move {
            // A sweep that fails is made again by Lambda's retries, and by the schedule.
            sweep.run(Timestamp::now()).await.map_err(|error| {
                tracing::error!(error = %ErrorChain(&error), "the sweep failed");
                Error::from(error)
            })
        }
    };
    lambda_runtime::run(service_fn(handle)).await
}
