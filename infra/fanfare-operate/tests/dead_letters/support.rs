//! A stack without functions, letters in its queues, and what is where.

use crate::wire::Wire;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_sqs::types::{Message, MessageAttributeValue, QueueAttributeName};
use fanfare_local::{Options, Runner};
use fanfare_operate::{Connection, DeadLetterQueue, Redrive, Report, Selection, Stop};
use serde_json::json;
use std::path::Path;

/// A running stack.
pub(crate) struct Stack {
    pub(crate) connection: Connection,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    config: SdkConfig,
    _runner: Runner,
}

impl Stack {
    pub(crate) async fn start() -> Self {
        Self::of("tests/dead_letters/stack.yaml").await
    }

    pub(crate) async fn of(template: &str) -> Self {
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join(template);
        let mut options = Options::new(template);
        (options.port, options.api_port) = (0, 0);
        let runner = Runner::start(options).await.expect("a running stack");
        let credentials = Credentials::new("local", "local", None, None, "test");
        let config = aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(runner.endpoint())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .load()
            .await;
        Self {
            connection: Connection::with(config.clone(), "fanfare"),
            sqs: aws_sdk_sqs::Client::new(&config),
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            config,
            _runner: runner,
        }
    }

    /// A connection whose requests go over this wire.
    pub(crate) fn over(&self, wire: &Wire) -> Connection {
        let config = self.config.to_builder().http_client(wire.clone()).build();
        Connection::with(config, "fanfare")
    }

    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    pub(crate) async fn letters(&self, consumer: &str) -> DeadLetterQueue {
        self.connection.dead_letters(consumer).await.expect("dead letters")
    }

    /// Puts a letter into a queue as the consumers' runtime does.
    pub(crate) async fn letter(&self, queue: &str, body: &str, error: &str) {
        let text = |value: &str| {
            let value = MessageAttributeValue::builder().data_type("String").string_value(value);
            value.build().expect("an attribute")
        };
        let send = self.sqs.send_message().queue_url(self.url(queue)).message_body(body);
        let send = send
            .message_attributes("eventType", text("Tested"))
            .message_attributes("fanfare.error", text(error))
            .message_attributes("fanfare.attempts", text("3"));
        send.send().await.expect("it is taken");
    }

    /// Puts a message into a queue as SNS does.
    pub(crate) async fn plain(&self, queue: &str, body: &str) {
        let send = self.sqs.send_message().queue_url(self.url(queue)).message_body(body);
        send.send().await.expect("it is taken");
    }

    /// Puts events `evt_0`, `evt_1` and so on into climate's dead-letter queue.
    pub(crate) async fn events(&self, count: usize) {
        for n in 0..count {
            let body = event(&format!("evt_{n}"));
            self.letter("ClimateDeadLetters", &body, &format!("no such room: room_{n}")).await;
        }
    }

    /// The messages that can be received from a queue now, which are left there.
    pub(crate) async fn messages(&self, queue: &str) -> Vec<Message> {
        let mut messages = Vec::new();
        loop {
            let receive = self.sqs.receive_message().queue_url(self.url(queue));
            let receive = receive.visibility_timeout(300).max_number_of_messages(10);
            let receive = receive.message_attribute_names("All");
            let some = receive.send().await.expect("it answers").messages.unwrap_or_default();
            if some.is_empty() {
                break;
            }
            messages.extend(some);
        }
        for message in &messages {
            self.show(queue, message.receipt_handle().unwrap()).await;
        }
        messages
    }

    /// The bodies of these messages, in the order of their texts.
    pub(crate) async fn bodies(&self, queue: &str) -> Vec<String> {
        let messages = self.messages(queue).await.into_iter();
        let mut bodies: Vec<String> = messages.filter_map(|message| message.body).collect();
        bodies.sort();
        bodies
    }

    /// Makes a message visible, as the end of its visibility timeout does.
    pub(crate) async fn show(&self, queue: &str, receipt_handle: &str) {
        let change = self.sqs.change_message_visibility().queue_url(self.url(queue));
        let change = change.receipt_handle(receipt_handle).visibility_timeout(0);
        change.send().await.expect("it is shown");
    }

    /// Messages of a queue, visible or not.
    pub(crate) async fn depth(&self, queue: &str) -> u64 {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let ask = self.sqs.get_queue_attributes().queue_url(self.url(queue));
        let answer =
            ask.set_attribute_names(Some(names.to_vec())).send().await.expect("it answers");
        answer.attributes.unwrap().values().filter_map(|n| n.parse::<u64>().ok()).sum()
    }

    /// Redrives all of climate's letters.
    pub(crate) async fn redrive(&self) -> Report {
        self.redrive_those(Selection::default()).await
    }

    pub(crate) async fn redrive_those(&self, selection: Selection) -> Report {
        let letters = self.letters("climate").await;
        let redrive = Redrive { selection, ..Redrive::default() };
        let done = self.connection.redrive(&letters, &redrive, &(), &Stop::default()).await;
        done.expect("redriven")
    }

    pub(crate) fn url(&self, queue: &str) -> String {
        let endpoint = self.config.endpoint_url().unwrap();
        format!("{endpoint}/000000000000/fanfare-{queue}")
    }
}

/// An event of this id.
pub(crate) fn event(id: &str) -> String {
    json!({"eventType": "Tested", "eventId": id, "timestamp": "2024-01-15T10:30:00Z", "payload": {"n": 1}})
        .to_string()
}

/// The bodies of so many events.
pub(crate) fn events(count: usize) -> Vec<String> {
    let mut bodies: Vec<String> = (0..count).map(|n| event(&format!("evt_{n}"))).collect();
    bodies.sort();
    bodies
}
