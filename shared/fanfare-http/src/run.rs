//! The Lambda function around a handler.

use crate::{Handler, respond, server_span};
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use fanfare_bootstrap::{Environment, ErrorChain, SettingError, SpanExporter};
use lambda_runtime::{LambdaEvent, service_fn};
use std::convert::Infallible;
use std::fmt;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a function could not start, or stopped. Its `Debug` form, which is what a `main` that returns it prints, is the
/// error and its causes in one line.
///
/// ```
/// use fanfare_bootstrap::Environment;
/// use fanfare_http::Error;
///
/// let missing = Environment::default().required("EVENTS_TABLE").map(str::to_owned);
/// let error = missing.map_err(Error::from).unwrap_err();
/// assert!(format!("{error:?}").starts_with("environment variable EVENTS_TABLE is not set"));
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is missing or malformed: mend the function's environment.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Lambda's runtime API can't be reached, or ended the function.
    #[error("the Lambda runtime stopped")]
    Lambda(#[source] Source),
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&ErrorChain(self), f)
    }
}

/// Starts logging, builds the handler from the environment, and takes calls from Lambda until it ends the process. The
/// page of this crate shows a `main`.
///
/// With the feature `otel`, each call is a span when `OTEL_EXPORTER_OTLP_ENDPOINT` says where to send it.
///
/// # Errors
/// When the handler can't be built, a setting is malformed, or the Lambda runtime API can't be reached.
pub async fn run<H: Handler>(
    handler: impl AsyncFnOnce(&Environment) -> Result<H, SettingError>,
) -> Result<(), Error> {
    let environment = Environment::of_process();
    fanfare_bootstrap::init_logging(&environment)?;
    let handler = handler(&environment).await?;
    let spans = SpanExporter::from_environment(&environment);
    let handle = |call: LambdaEvent<ApiGatewayV2httpRequest>| {
        let (handler, spans) = (&handler, &spans);
        async move {
            Ok::<_, Infallible>(match spans {
                Some(spans) => server_span::handle(handler, spans, call).await,
                None => respond(handler, call.payload).await,
            })
        }
    };
    lambda_runtime::run(service_fn(handle)).await.map_err(Error::Lambda)
}
