//! A call's way from its payload to the payload of its answer.

use crate::{Problem, Request, Response};
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use std::future::Future;

/// What answers calls. The page of this crate shows one.
pub trait Handler {
    /// Answers a call.
    ///
    /// # Errors
    /// The [`Problem`] that keeps it from being done.
    fn answer(&self, request: &Request) -> impl Future<Output = Result<Response, Problem>>;
}

/// Answers a call. It always has an answer: a refusal is a problem document.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use fanfare_http::{Handler, Problem, Request, Response, respond};
///
/// struct Health;
///
/// impl Handler for Health {
///     async fn answer(&self, request: &Request) -> Result<Response, Problem> {
///         match (request.method(), request.path()) {
///             ("GET", "/health") => Ok(Response::ok(&"well")),
///             _ => Err(Problem::nothing_at(request.path())),
///         }
///     }
/// }
///
/// let call = aws_lambda_events::apigw::ApiGatewayV2httpRequest::default();
/// assert_eq!(respond(&Health, call).await.status_code, 404);
/// # }
/// ```
pub async fn respond(
    handler: &impl Handler,
    call: ApiGatewayV2httpRequest,
) -> ApiGatewayV2httpResponse {
    let answer = match Request::from_payload(call) {
        // Futures of the AWS SDK are nested deeply: without the box, a caller's crate would need a `recursion_limit`.
        Ok(request) => Box::pin(handler.answer(&request)).await,
        Err(problem) => Err(problem),
    };
    match answer {
        Ok(response) => response.into_payload(),
        Err(problem) => {
            // Not the detail: it may quote what the caller sent, and that may be personal.
            tracing::info!(status = problem.status, field = problem.field, "refused");
            problem.into_payload()
        }
    }
}
