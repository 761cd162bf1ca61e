//! A wire to the runner that breaks where a test wants it to.

use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// What happens to requests of one kind. Every other request gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// They are never answered, and never arrive.
    Hang,
    /// They are refused, this many times.
    Refused(usize),
}

/// The wire.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    operation: &'static str,
    fate: Arc<Mutex<Fate>>,
    caught: Arc<Mutex<Vec<Value>>>,
    reached: Arc<Notify>,
    connector: SharedHttpConnector,
}

impl Wire {
    /// A wire on which requests of an operation, such as `AmazonSQS.DeleteMessageBatch`, meet this fate.
    pub(crate) fn new(operation: &'static str, fate: Fate) -> Self {
        Self {
            operation,
            fate: Arc::new(Mutex::new(fate)),
            caught: Arc::default(),
            reached: Arc::default(),
            connector: SharedHttpConnector::new(Connector::builder().build_http()),
        }
    }

    /// Waits until a request has met its fate.
    pub(crate) async fn reached(&self) {
        self.reached.notified().await;
    }

    /// The bodies of those that have.
    pub(crate) fn caught(&self) -> Vec<Value> {
        self.caught.lock().unwrap().clone()
    }

    fn fate_of(&self, request: &HttpRequest) -> Option<Fate> {
        if request.headers().get("x-amz-target") != Some(self.operation) {
            return None;
        }
        let mut fate = self.fate.lock().unwrap();
        let now = *fate;
        match now {
            Fate::Hang => {}
            Fate::Refused(0) => return None,
            Fate::Refused(times) => *fate = Fate::Refused(times - 1),
        }
        let body = request.body().bytes().unwrap_or_default();
        self.caught.lock().unwrap().push(serde_json::from_slice(body).unwrap());
        Some(now)
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
        let Some(fate) = self.fate_of(&request) else { return self.connector.call(request) };
        self.reached.notify_one();
        HttpConnectorFuture::new(async move {
            match fate {
                Fate::Hang => std::future::pending().await,
                // A refusal that the SDK does not try again by itself.
                Fate::Refused(_) => {
                    let body =
                        r#"{"__type":"com.amazonaws.sqs#AccessDenied","message":"not today"}"#;
                    Ok(HttpResponse::new(403.try_into().unwrap(), body.into()))
                }
            }
        })
    }
}
