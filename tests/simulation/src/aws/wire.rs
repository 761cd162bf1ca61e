//! The SDK's HTTP client: every request becomes a task of the simulated server.

use crate::aws::answer::Answer;
use crate::aws::server::Request;
use crate::aws::service::Service;
use crate::aws::sns;
use crate::cloud::Cloud;
use crate::invocation::Caller;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What the client sees of an answer.
pub(crate) enum Reply {
    /// It arrives.
    Answer(Answer),
    /// The connection breaks.
    Broken,
}

/// The connection of one caller.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) caller: Arc<Caller>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("caller", &self.caller.name).finish_non_exhaustive()
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (service, operation, body) = read(&request);
        let (sender, receiver) = oneshot::channel();
        // A task of its own: a request that was sent goes on when its sender is dropped. The sender is the
        // invocation under way now, which may be over before the task runs.
        let request = Request::new(&self.cloud, &self.caller, service, operation);
        let served = request.serve(body, sender);
        let cloud = Arc::clone(&self.cloud);
        // No reply may come.
        seed_jitter(&cloud);
        HttpConnectorFuture::new(async move {
            tokio::spawn(served);
            let reply = receiver.await;
            seed_jitter(&cloud);
            match reply {
                Ok(Reply::Answer(answer)) => {
                    let status = StatusCode::try_from(answer.status).expect("a status");
                    let body = match service {
                        Service::DynamoDb | Service::Sqs => answer.body.to_string(),
                        Service::Sns => sns::write(&answer),
                    };
                    Ok(HttpResponse::new(status, body.into()))
                }
                Ok(Reply::Broken) => Err(ConnectorError::io("connection reset by peer".into())),
                // No answer will ever come.
                Err(_) => std::future::pending().await,
            }
        })
    }
}

/// The SDK draws its retries' jitter from this thread's generator, from which other code draws too, some of it once in a
/// process only.
fn seed_jitter(cloud: &Cloud) {
    fastrand::seed(cloud.chance.draw(|random| random.u64(..)));
}

/// What a request asks of whom.
fn read(request: &HttpRequest) -> (Service, String, Value) {
    let body = request.body().bytes().unwrap_or_default();
    match request.headers().get("x-amz-target").and_then(|target| target.split_once('.')) {
        Some((service, operation)) => {
            let body = serde_json::from_slice(body).expect("the SDK sends JSON");
            (Service::of_target(service), operation.to_owned(), body)
        }
        None => {
            let (operation, body) = sns::read(body);
            (Service::Sns, operation, body)
        }
    }
}
