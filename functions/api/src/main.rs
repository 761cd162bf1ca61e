//! The `api` Lambda function.

use api::Api;
use composition::{Environment, ErrorChain};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::convert::Infallible;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::of_process();
    composition::init_logging(&environment)?;
    let api = Api::new(&environment).await.inspect_err(|error| {
        tracing::error!(error = %ErrorChain(error), "the API can't start");
    })?;
    let handle = |call: LambdaEvent<_>| {
        let api = &api;
        async move { Ok::<_, Infallible>(api.handle(call.payload).await) }
    };
    lambda_runtime::run(service_fn(handle)).await
}
