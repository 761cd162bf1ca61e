//! The store's AWS resources, through the real SDK.

use crate::stack::Stack;
use crate::{Signer, eventually};
use aws_config::sts::AssumeRoleProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, ProvideCredentials};
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use serde_json::Value;

/// Clients of the AWS services at one endpoint. Resources go by their names in the template.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    /// What a deployed stack calls its resources.
    stack: Option<Stack>,
    dynamodb: aws_sdk_dynamodb::Client,
    sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
}

impl Aws {
    /// The services of a runner at `endpoint`.
    pub async fn at(endpoint: &str) -> Self {
        let credentials = Credentials::new("test", "test", None, None, "test");
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(credentials)
            .endpoint_url(endpoint)
            .load()
            .await;
        Self::with(config, None)
    }

    /// The services that `AWS_ENDPOINT_URL` names, with the credentials of the environment.
    pub(crate) async fn of(stack: &Stack) -> Self {
        let region = Region::new(stack.region());
        let config = aws_config::defaults(BehaviorVersion::latest()).region(region).load().await;
        Self::with(config, Some(stack.clone()))
    }

    /// The same services, as somebody else.
    #[must_use]
    pub fn called_by(&self, credentials: impl ProvideCredentials + 'static) -> Self {
        let provider = aws_sdk_sqs::config::SharedCredentialsProvider::new(credentials);
        let config = self.config.to_builder().credentials_provider(provider).build();
        Self::with(config, self.stack.clone())
    }

    /// The credentials of a function's role.
    pub async fn role(&self, arn: &str) -> AssumeRoleProvider {
        let role = AssumeRoleProvider::builder(arn).session_name("system-tests");
        role.configure(&self.config).build().await
    }

    fn with(config: SdkConfig, stack: Option<Stack>) -> Self {
        Self {
            stack,
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            config,
        }
    }

    /// Where the services are.
    ///
    /// # Panics
    /// When that is AWS itself.
    pub fn endpoint(&self) -> &str {
        self.config.endpoint_url().expect("AWS_ENDPOINT_URL names an emulator")
    }

    /// What the clients are made from.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Signs calls of the stack's HTTP API.
    pub(crate) async fn signer(&self, stack: &Stack) -> Signer {
        let provider = self.config.credentials_provider().expect("the SDK has a chain of them");
        let credentials = provider.provide_credentials().await.expect("credentials");
        Signer { credentials, region: stack.region() }
    }

    /// The clients of DynamoDB and SQS.
    pub fn clients(&self) -> (aws_sdk_dynamodb::Client, aws_sdk_sqs::Client) {
        (self.dynamodb.clone(), self.sqs.clone())
    }

    /// Every item of a table, as JSON.
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn items(&self, table: &str) -> Vec<Value> {
        let scan = self.dynamodb.scan().table_name(self.name(table)).consistent_read(true);
        let items: Result<Vec<_>, _> = scan.into_paginator().items().send().collect().await;
        let json = serde_dynamo::from_items(items.expect("the table answers"));
        json.expect("every item has a JSON form")
    }

    /// The envelopes of every event in the event store, as JSON.
    pub async fn events(&self) -> Vec<String> {
        let text = |item: &Value| Some(item.get("envelope")?.as_str()?.to_owned());
        self.items("EventsTable").await.iter().filter_map(text).collect()
    }

    /// Publishes to the events topic, of a deployed stack as the relay: it takes nothing from anybody else.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn publish(&self, event_type: &str, envelope: &str) {
        let attribute = aws_sdk_sns::types::MessageAttributeValue::builder()
            .data_type("String")
            .string_value(event_type)
            .build()
            .expect("a complete attribute");
        let topic = match &self.stack {
            None => "arn:aws:sns:us-east-1:000000000000:fanfare-EventsTopic".to_owned(),
            Some(stack) => stack.physical("EventsTopic"),
        };
        let sns = match &self.stack {
            None => self.sns.clone(),
            Some(stack) => self.called_by(self.role(&stack.role("RelayRole")).await).sns,
        };
        let publish = sns.publish().topic_arn(topic).message(envelope);
        publish.message_attributes("eventType", attribute).send().await.expect("it is taken");
    }

    /// Sends a message to a queue.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn send(&self, queue: &str, body: &str) {
        let send = self.sqs.send_message().queue_url(self.url(queue)).message_body(body);
        send.send().await.expect("it is taken");
    }

    /// How many messages a queue holds, those under way included.
    ///
    /// # Panics
    /// When the queue does not answer.
    pub async fn depth(&self, queue: &str) -> u64 {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let ask = self.sqs.get_queue_attributes().queue_url(self.url(queue));
        let answer =
            ask.set_attribute_names(Some(names.to_vec())).send().await.expect("it answers");
        let attributes = answer.attributes.unwrap_or_default();
        attributes.values().filter_map(|n| n.parse::<u64>().ok()).sum()
    }

    /// Waits until a queue is empty.
    pub async fn drained(&self, queue: &str) {
        let look = async || self.depth(queue).await;
        eventually(&format!("an empty {queue}"), look, |depth| *depth == 0).await;
    }

    /// Waits for a message, and leaves it in the queue.
    ///
    /// # Panics
    /// When none comes.
    pub async fn receive(&self, queue: &str) -> Message {
        self.receive_that(queue, |_| true).await
    }

    /// Waits for a message of this kind, and leaves it in the queue.
    ///
    /// # Panics
    /// When none comes.
    pub async fn receive_that(&self, queue: &str, wanted: impl Fn(&Message) -> bool) -> Message {
        let look = async || {
            let receive = self.sqs.receive_message().queue_url(self.url(queue));
            let receive = receive.max_number_of_messages(10).visibility_timeout(0);
            let answer = receive.message_attribute_names("All").send().await.expect("it answers");
            answer.messages.unwrap_or_default().into_iter().find(&wanted)
        };
        let found = eventually(&format!("a message in {queue}"), look, Option::is_some).await;
        found.expect("there is one")
    }

    /// Moves a message from a dead-letter queue back into its queue: sent first, deleted after.
    ///
    /// Not by StartMessageMoveTask, which MiniStack has not, and which finds no way back for what a consumer
    /// sent to the dead-letter queue itself.
    ///
    /// # Panics
    /// When there is no such message, or a queue does not take part.
    pub async fn redrive(&self, from: &str, to: &str, wanted: impl Fn(&Message) -> bool) {
        let message = self.receive_that(from, wanted).await;
        let send = self.sqs.send_message().queue_url(self.url(to)).set_message_body(message.body);
        send.send().await.expect("it is taken");
        let delete = self.sqs.delete_message().queue_url(self.url(from));
        delete.set_receipt_handle(message.receipt_handle).send().await.expect("it is deleted");
    }

    /// What a table is called.
    pub fn name(&self, table: &str) -> String {
        match &self.stack {
            None => format!("fanfare-{table}"),
            Some(stack) => stack.physical(table),
        }
    }

    /// The URL of a queue.
    pub fn url(&self, queue: &str) -> String {
        match &self.stack {
            None => format!("{}/000000000000/fanfare-{queue}", self.endpoint()),
            Some(stack) => stack.physical(queue),
        }
    }
}
