//! Publishing: to every subscription that wants the message, and to its dead-letter queue if that fails.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::SendMessageInput;
use sha2::{Digest, Sha256};

use super::error::SnsError;
use super::message::{Message, RAW_ATTRIBUTE_LIMIT};
use super::topics::{Subscription, Topic};
use crate::queues::Queues;
use crate::template::stack;

/// The topics of one runner. Cloning is cheap and shares them.
#[derive(Debug, Clone)]
pub(crate) struct Sns {
    pub(super) queues: Queues,
    pub(super) account: String,
    pub(super) region: String,
    /// The runner's own URL, which notifications name.
    endpoint: Arc<str>,
    topics: Arc<Mutex<BTreeMap<String, Topic>>>,
}

/// What a publisher is told.
#[derive(Debug)]
pub(super) struct Receipt {
    pub(super) message_id: String,
    pub(super) sequence_number: Option<String>,
}

impl Sns {
    pub(crate) fn new(queues: Queues, account: &str, region: &str, endpoint: &str) -> Self {
        Self {
            queues,
            account: account.to_owned(),
            region: region.to_owned(),
            endpoint: endpoint.into(),
            topics: Arc::default(),
        }
    }

    /// Creates what the template declares.
    pub(crate) fn create(&self, topic: &stack::Topic) {
        let created = Topic::new(&topic.name, topic.attributes.clone(), BTreeMap::new());
        self.topics().insert(topic.arn.clone(), created);
    }

    /// Subscribes what the template subscribes.
    pub(crate) fn subscribe(&self, subscription: &stack::Subscription) -> Result<(), SnsError> {
        let mut attributes =
            BTreeMap::from([("RawMessageDelivery".to_owned(), subscription.raw.to_string())]);
        if let Some(policy) = &subscription.filter_policy {
            attributes.insert("FilterPolicy".to_owned(), policy.to_string());
        }
        if let Some(scope) = &subscription.filter_policy_scope {
            attributes.insert("FilterPolicyScope".to_owned(), scope.clone());
        }
        if let Some(arn) = &subscription.dead_letter_queue_arn {
            let policy = serde_json::json!({ "deadLetterTargetArn": arn });
            attributes.insert("RedrivePolicy".to_owned(), policy.to_string());
        }
        self.add_subscription(&subscription.topic_arn, &subscription.queue_arn, attributes)
            .map(drop)
    }

    /// Subscribes a queue; subscribing it again is the subscription that it has.
    pub(super) fn add_subscription(
        &self,
        topic_arn: &str,
        queue_arn: &str,
        attributes: BTreeMap<String, String>,
    ) -> Result<String, SnsError> {
        self.queues.url(queue_arn).map_err(|error| {
            SnsError::invalid(format!("Invalid parameter: Endpoint: {}", error.message))
        })?;
        let mut topics = self.topics();
        let topic = topics.get_mut(topic_arn).ok_or_else(|| SnsError::not_found("Topic"))?;
        if let Some(known) = topic.subscriptions.iter().find(|known| known.queue_arn == queue_arn) {
            return Ok(known.arn.clone());
        }
        if queue_arn.ends_with(".fifo") && !topic.is_fifo() {
            return Err(SnsError::invalid(
                "Invalid parameter: a FIFO queue can only subscribe to a FIFO topic",
            ));
        }
        let subscription = Subscription::new(topic_arn, queue_arn, attributes)?;
        let arn = subscription.arn.clone();
        topic.subscriptions.push(subscription);
        Ok(arn)
    }

    pub(super) async fn publish(
        &self,
        topic_arn: &str,
        mut message: Message,
    ) -> Result<Receipt, SnsError> {
        let visible = message.filterable();
        let (subscriptions, sequence_number) = {
            let mut topics = self.topics();
            let topic = topics.get_mut(topic_arn).ok_or_else(|| SnsError::not_found("Topic"))?;
            let mut sequence_number = None;
            let mut wanted = true;
            if topic.is_fifo() {
                wanted = is_first_on_fifo(topic, &mut message)?;
                sequence_number = Some(topic.next_sequence());
            }
            let subscriptions: Vec<Subscription> = topic
                .subscriptions
                .iter()
                .filter(|subscription| wanted && subscription.wants(&message, &visible))
                .cloned()
                .collect();
            (subscriptions, sequence_number)
        };
        let message_id = uuid::Uuid::new_v4().to_string();
        for subscription in &subscriptions {
            self.deliver(&message_id, topic_arn, &message, subscription).await;
        }
        Ok(Receipt { message_id, sequence_number })
    }

    async fn deliver(
        &self,
        id: &str,
        topic_arn: &str,
        message: &Message,
        subscription: &Subscription,
    ) {
        let raw = subscription.raw;
        let fits = message.attributes.len() <= RAW_ATTRIBUTE_LIMIT;
        let sent = match raw && !fits {
            true => {
                Err(SqsError::invalid_parameter_value("a raw message has more than 10 attributes"))
            }
            false => {
                self.send(id, topic_arn, message, subscription, &subscription.queue_arn, raw).await
            }
        };
        let Err(error) = sent else { return };
        let reason = error.message;
        let lost = match &subscription.dead_letter_queue_arn {
            // What has too many attributes for a raw message keeps them in an envelope.
            Some(arn) => {
                self.send(id, topic_arn, message, subscription, arn, raw && fits).await.is_err()
            }
            None => true,
        };
        if lost {
            tracing::error!(
                subscription = subscription.arn,
                message = id,
                reason,
                "SNS could not deliver a message"
            );
        } else {
            tracing::warn!(
                subscription = subscription.arn,
                message = id,
                reason,
                "SNS dead-lettered a message"
            );
        }
    }

    async fn send(
        &self,
        id: &str,
        topic_arn: &str,
        message: &Message,
        subscription: &Subscription,
        queue_arn: &str,
        raw: bool,
    ) -> Result<(), SqsError> {
        let (message_body, message_attributes) = match raw {
            true => (message.body.clone(), message.queue_attributes()),
            false => {
                (message.envelope(id, topic_arn, &subscription.arn, &self.endpoint), HashMap::new())
            }
        };
        let input = SendMessageInput {
            queue_url: self.queues.url(queue_arn)?,
            message_body,
            message_attributes,
            // A group makes a standard queue a fair one; what deduplicates means nothing to it.
            message_group_id: message.group.clone(),
            message_deduplication_id: message
                .deduplication
                .clone()
                .filter(|_| queue_arn.ends_with(".fifo")),
            ..SendMessageInput::default()
        };
        self.queues.send(input).await.map(drop)
    }

    /// A panic of another holder leaves the map whole, since each change to it is one call.
    pub(super) fn topics(&self) -> MutexGuard<'_, BTreeMap<String, Topic>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Checks what a FIFO topic asks for, and whether it has seen the message before.
fn is_first_on_fifo(topic: &mut Topic, message: &mut Message) -> Result<bool, SnsError> {
    if message.group.is_none() {
        return Err(SnsError::invalid(
            "Invalid parameter: The MessageGroupId parameter is required for FIFO topics",
        ));
    }
    if message.deduplication.is_none() {
        let by_content =
            topic.attributes.get("ContentBasedDeduplication").is_some_and(|value| value == "true");
        if !by_content {
            return Err(SnsError::invalid(
                "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or \
                 MessageDeduplicationId provided explicitly",
            ));
        }
        message.deduplication = Some(format!("{:x}", Sha256::digest(message.body.as_bytes())));
    }
    Ok(message.deduplication.as_deref().is_some_and(|id| topic.is_first(id)))
}

#[cfg(test)]
mod tests {
    use rustack_sqs_model::input::ReceiveMessageInput;
    use rustack_sqs_model::types;

    use super::*;
    use crate::journal::Journal;
    use crate::shutdown;
    use crate::sns::Form;

    const ACCOUNT: &str = "000000000000";
    const REGION: &str = "us-east-1";

    fn queue(queues: &Queues, name: &str) -> String {
        queues.create(name, [], []).expect("a queue");
        format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
    }

    fn message(attributes: usize) -> Message {
        let attributes = (1..=attributes).map(|n| {
            let entry = format!("MessageAttributes.entry.{n}");
            format!("&{entry}.Name=a{n}&{entry}.Value.DataType=String&{entry}.Value.StringValue=v")
        });
        let form = format!("Message=hello{}", attributes.collect::<String>());
        Message::from_form(&Form::parse(form.as_bytes()).expect("a form")).expect("a message")
    }

    /// What waits in the dead-letter queue after a publish to a raw subscription.
    async fn dead_letters(message: Message, queue_is_there: bool) -> Vec<types::Message> {
        let (_stopper, stop) = shutdown::channel();
        let queues = Queues::new(ACCOUNT, REGION, 4566, stop, Journal::default());
        let sns = Sns::new(queues.clone(), ACCOUNT, REGION, "http://127.0.0.1:4566");
        let (queue_arn, dead_letter_queue_arn) =
            (queue(&queues, "queue"), queue(&queues, "dead-letters"));
        let topic_arn = format!("arn:aws:sns:{REGION}:{ACCOUNT}:topic");
        sns.create(&stack::Topic {
            logical_id: "Topic".to_owned(),
            name: "topic".to_owned(),
            arn: topic_arn.clone(),
            attributes: BTreeMap::new(),
        });
        let subscription = stack::Subscription {
            logical_id: "Subscription".to_owned(),
            topic_arn: topic_arn.clone(),
            queue_arn,
            raw: true,
            filter_policy: None,
            filter_policy_scope: None,
            dead_letter_queue_arn: Some(dead_letter_queue_arn),
        };
        sns.subscribe(&subscription).expect("subscribed");
        if !queue_is_there {
            queues.delete_queue("queue").await.expect("deleted");
        }
        sns.publish(&topic_arn, message).await.expect("published");
        let all = ReceiveMessageInput {
            queue_url: "dead-letters".to_owned(),
            message_attribute_names: vec!["All".to_owned()],
            ..ReceiveMessageInput::default()
        };
        queues.receive(all).await.expect("received")
    }

    #[tokio::test]
    async fn what_cannot_be_delivered_goes_to_the_subscriptions_dead_letters() {
        assert!(dead_letters(message(10), true).await.is_empty());
        let raw = dead_letters(message(1), false).await;
        assert_eq!(
            (raw[0].body.as_deref(), raw[0].message_attributes["a1"].string_value.as_deref()),
            (Some("hello"), Some("v"))
        );
        let envelope = dead_letters(message(11), true).await;
        assert!(
            envelope[0].body.as_deref().is_some_and(|body| body.contains("\"a11\"")),
            "{envelope:?}"
        );
    }
}
