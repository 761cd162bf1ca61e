//! The `api` Lambda function.

mod server_span;

use api::Api;
use fanfare_bootstrap::{Environment, ErrorChain, SpanExporter};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use std::convert::Infallible;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::of_process();
    fanfare_bootstrap::init_logging(&environment)?;
    let api = Api::new(&environment).await.inspect_err(|error| {
        tracing::error!(error = %ErrorChain(error), "the API can't start");
    })?;
    let spans = SpanExporter::from_environment(&environment);
    let handle = |call: LambdaEvent<_>| {
        let (api, spans) = (&api, &spans);
        async move {
            Ok::<_, Infallible>(match spans {
                Some(spans) => server_span::handle(api, spans, call).await,
                None => api.handle(call.payload).await,
            })
        }
    };
    lambda_runtime::run(service_fn(handle)).await
}
