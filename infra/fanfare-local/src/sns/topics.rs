//! Topics and their subscriptions.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::error::SnsError;
use super::message::Message;
use fanfare_template::pattern;

/// How long a FIFO topic remembers a deduplication id.
/// <https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html>
const DEDUPLICATION_WINDOW: Duration = Duration::from_secs(300);

#[derive(Debug, Default)]
pub(super) struct Topic {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) subscriptions: Vec<Subscription>,
    published: HashMap<String, Instant>,
    sequence: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) arn: String,
    pub(super) queue_arn: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) raw: bool,
    pub(super) dead_letter_queue_arn: Option<String>,
    filter: Option<Value>,
    filters_body: bool,
}

impl Topic {
    pub(super) fn new(
        name: &str,
        attributes: BTreeMap<String, String>,
        tags: BTreeMap<String, String>,
    ) -> Self {
        Self { name: name.to_owned(), attributes, tags, ..Self::default() }
    }

    pub(super) fn is_fifo(&self) -> bool {
        self.name.ends_with(".fifo")
    }

    pub(super) fn next_sequence(&mut self) -> String {
        self.sequence += 1;
        format!("{:020}", self.sequence)
    }

    /// Whether the deduplication id is new.
    pub(super) fn is_first(&mut self, deduplication: &str) -> bool {
        let now = Instant::now();
        self.published.retain(|_, at| now - *at < DEDUPLICATION_WINDOW);
        self.published.insert(deduplication.to_owned(), now).is_none()
    }
}

impl Subscription {
    pub(super) fn new(
        topic_arn: &str,
        queue_arn: &str,
        attributes: BTreeMap<String, String>,
    ) -> Result<Self, SnsError> {
        let mut subscription = Self {
            arn: format!("{topic_arn}:{}", uuid::Uuid::new_v4()),
            queue_arn: queue_arn.to_owned(),
            attributes: BTreeMap::new(),
            raw: false,
            dead_letter_queue_arn: None,
            filter: None,
            filters_body: false,
        };
        for (name, value) in attributes {
            subscription.set(&name, &value)?;
        }
        Ok(subscription)
    }

    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<(), SnsError> {
        let json = || {
            serde_json::from_str::<Value>(value)
                .map_err(|error| SnsError::invalid(format!("Invalid parameter: {name}: {error}")))
        };
        match name {
            "RawMessageDelivery" => self.raw = value.eq_ignore_ascii_case("true"),
            "FilterPolicyScope" => self.filters_body = value == "MessageBody",
            "FilterPolicy" => {
                let filter = json()?;
                pattern::check(&filter).map_err(|error| {
                    SnsError::invalid(format!("Invalid parameter: FilterPolicy: {error}"))
                })?;
                self.filter =
                    filter.as_object().is_some_and(|rules| !rules.is_empty()).then_some(filter);
            }
            "RedrivePolicy" => {
                self.dead_letter_queue_arn =
                    json()?.get("deadLetterTargetArn").and_then(Value::as_str).map(str::to_owned);
            }
            _ => {
                return Err(SnsError::invalid(format!(
                    "Invalid parameter: {name} is not available locally"
                )));
            }
        }
        self.attributes.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    /// Whether the filter policy lets the message through. `visible` is what it sees of the attributes.
    pub(super) fn wants(&self, message: &Message, visible: &Value) -> bool {
        match &self.filter {
            None => true,
            Some(filter) if self.filters_body => serde_json::from_str(&message.body)
                .is_ok_and(|body: Value| pattern::matches(filter, &body)),
            Some(filter) => pattern::matches(filter, visible),
        }
    }
}
