//! An AWS that takes everything, and keeps what it was sent.

use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use fanfare::Clients;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// A request: the operation's name and its input.
pub(crate) type Sent = (String, Value);

/// The AWS, which every clone shares.
#[derive(Debug, Clone, Default)]
pub(crate) struct Aws(Arc<Mutex<Vec<Sent>>>);

impl Aws {
    /// Clients of it.
    pub(crate) fn clients(&self) -> Clients {
        macro_rules! config {
            ($service:ident) => {
                $service::Config::builder()
                    .behavior_version(BehaviorVersion::latest())
                    .region(Region::from_static("eu-west-1"))
                    .endpoint_url("http://aws.invalid")
                    .allow_no_auth()
                    .http_client(self.clone())
                    .build()
            };
        }
        Clients {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(config!(aws_sdk_dynamodb)),
            sqs: aws_sdk_sqs::Client::from_conf(config!(aws_sdk_sqs)),
        }
    }

    /// What was sent since the last time.
    pub(crate) fn take(&self) -> Vec<Sent> {
        std::mem::take(&mut self.0.lock().expect("nobody panics here"))
    }
}

impl HttpClient for Aws {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").expect("the SDK names the operation");
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let input = serde_json::from_slice(request.body().bytes().unwrap_or_default());
        let input: Value = input.expect("the SDK sends JSON");
        let taken =
            |entry: &Value| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "0"});
        let entries = input["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        let successful: Vec<Value> = entries.iter().map(taken).collect();
        let output = match entries {
            [] => json!({}),
            _ => json!({"Successful": successful, "Failed": []}),
        };
        self.0.lock().expect("nobody panics here").push((operation, input));
        let status = StatusCode::try_from(200).expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, output.to_string().into())))
    }
}
