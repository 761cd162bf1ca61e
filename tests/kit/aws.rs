//! The store's AWS resources, through the real SDK.

use crate::eventually;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use serde_json::Value;

/// Clients of the AWS services at one endpoint. Resources go by their names in the template.
#[derive(Debug, Clone)]
pub struct Aws {
    endpoint: String,
    dynamodb: aws_sdk_dynamodb::Client,
    sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
}

impl Aws {
    /// The services at `endpoint`.
    pub async fn at(endpoint: &str) -> Self {
        let credentials = aws_sdk_sqs::config::Credentials::new("test", "test", None, None, "test");
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(credentials)
            .endpoint_url(endpoint)
            .load()
            .await;
        Self {
            endpoint: endpoint.to_owned(),
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
        }
    }

    /// Where the services are.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
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
        let scan =
            self.dynamodb.scan().table_name(format!("fanfare-{table}")).consistent_read(true);
        let items: Result<Vec<_>, _> = scan.into_paginator().items().send().collect().await;
        let json = serde_dynamo::from_items(items.expect("the table answers"));
        json.expect("every item has a JSON form")
    }

    /// The envelopes of every event in the event store, as JSON.
    pub async fn events(&self) -> Vec<String> {
        let text = |item: &Value| Some(item.get("envelope")?.as_str()?.to_owned());
        self.items("EventsTable").await.iter().filter_map(text).collect()
    }

    /// Publishes to the events topic.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn publish(&self, event_type: &str, envelope: &str) {
        let attribute = aws_sdk_sns::types::MessageAttributeValue::builder()
            .data_type("String")
            .string_value(event_type)
            .build()
            .expect("a complete attribute");
        let topic = "arn:aws:sns:us-east-1:000000000000:fanfare-EventsTopic";
        let publish = self.sns.publish().topic_arn(topic).message(envelope);
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

    /// Waits for a message and takes it, leaving it in the queue.
    ///
    /// # Panics
    /// When none comes.
    pub async fn receive(&self, queue: &str) -> Message {
        let look = async || {
            let receive = self.sqs.receive_message().queue_url(self.url(queue));
            let receive = receive.visibility_timeout(0).message_attribute_names("All");
            let answer = receive.send().await.expect("it answers");
            answer.messages.unwrap_or_default()
        };
        let messages = eventually(&format!("a message in {queue}"), look, |m| !m.is_empty()).await;
        messages.into_iter().next().expect("there is one")
    }

    fn url(&self, queue: &str) -> String {
        format!("{}/000000000000/fanfare-{queue}", self.endpoint)
    }
}
