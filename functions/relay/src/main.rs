//! The `relay` Lambda function.

use fanfare_bootstrap::{Environment, ErrorChain};
use fanfare_relay::Publisher;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::convert::Infallible;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::of_process();
    fanfare_bootstrap::init_logging(&environment)?;
    let publisher = publisher(&environment).await.inspect_err(|error| {
        tracing::error!(error = %ErrorChain(error), "the relay can't start");
    })?;
    let handle = |batch: LambdaEvent<_>| {
        let publisher = &publisher;
        async move { Ok::<_, Infallible>(fanfare_relay::relay(batch.payload, publisher).await) }
    };
    lambda_runtime::run(service_fn(handle)).await
}

async fn publisher(
    environment: &Environment,
) -> Result<Publisher, fanfare_bootstrap::SettingError> {
    let topic = environment.required("EVENTS_TOPIC")?;
    let dead_letters = environment.required("DEAD_LETTER_QUEUE_URL")?;
    let config = fanfare_bootstrap::aws_config(environment).await?;
    Ok(Publisher::new(&config, topic, dead_letters))
}
