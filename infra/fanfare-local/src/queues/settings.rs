//! A queue's attributes: what AWS takes, what it supposes when nothing is said, and how they are shown.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::time::Duration;

use rustack_sqs_model::error::{SqsError, SqsErrorCode};
use rustack_sqs_model::types::QueueAttributeName;
use serde_json::Value;

/// Attributes that are numbers: what they may be, and what they are by default. Seconds, and for the size bytes.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>
pub(crate) const NUMBERS: [(&str, RangeInclusive<u32>, u32); 5] = [
    ("DelaySeconds", 0..=900, 0),
    ("MaximumMessageSize", 1024..=1_048_576, 1_048_576),
    ("MessageRetentionPeriod", 60..=1_209_600, 345_600),
    ("ReceiveMessageWaitTimeSeconds", 0..=20, 0),
    ("VisibilityTimeout", 0..=43_200, 30),
];

/// Those that are counted or given, and can't be set.
const READ_ONLY: [&str; 6] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
];

/// Attributes that FIFO queues alone have.
const FIFO: [(&str, &str); 3] = [
    ("ContentBasedDeduplication", "false"),
    ("DeduplicationScope", "queue"),
    ("FifoThroughputLimit", "perQueue"),
];

/// What a queue was told to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    attributes: BTreeMap<String, String>,
    pub(super) is_fifo: bool,
    pub(super) redrive: Option<Redrive>,
}

/// Where messages go that were received too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Redrive {
    pub(super) target_arn: String,
    pub(super) max_receives: u32,
}

impl Settings {
    /// The settings of a new queue.
    pub(super) fn new(
        name: &str,
        attributes: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SqsError> {
        let attributes: HashMap<String, String> = attributes.into_iter().collect();
        let says_fifo = attributes.get("FifoQueue").is_some_and(|flag| is_true(flag));
        let stem = name.strip_suffix(".fifo");
        let is_named = |stem: &str| {
            stem.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
                && (1..=80).contains(&name.len())
        };
        match (stem, says_fifo) {
            (Some(stem), true) if is_named(stem) => {}
            (None, false) if is_named(name) => {}
            (None, true) => {
                return Err(SqsError::invalid_parameter_value(
                    "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, \
                     must end with .fifo suffix and be 1 to 80 in length.",
                ));
            }
            _ => {
                return Err(SqsError::invalid_parameter_value(
                    "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
                ));
            }
        }
        let mut settings = Self { attributes: BTreeMap::new(), is_fifo: says_fifo, redrive: None };
        settings.change(attributes)?;
        Ok(settings)
    }

    /// Changes all of these attributes, or none.
    pub(super) fn change(&mut self, attributes: HashMap<String, String>) -> Result<(), SqsError> {
        let mut changed = self.clone();
        for (name, value) in attributes {
            changed.set(name, value)?;
        }
        *self = changed;
        Ok(())
    }

    fn set(&mut self, name: String, value: String) -> Result<(), SqsError> {
        let is_known =
            QueueAttributeName::from_str_name(&name).is_some_and(|known| known.as_str() != "All");
        if !is_known || READ_ONLY.contains(&name.as_str()) {
            let message = format!("Unknown Attribute {name}.");
            return Err(SqsError::invalid_attribute_name(message));
        }
        let invalid = || {
            let message = format!("Invalid value for the parameter {name}.");
            SqsError::new(SqsErrorCode::InvalidAttributeValue, message)
        };
        if let Some((_, range, _)) = NUMBERS.iter().find(|(number, ..)| *number == name) {
            let number: u32 = value.parse().map_err(|_| invalid())?;
            if !range.contains(&number) {
                return Err(invalid());
            }
        }
        let value = match name.as_str() {
            "FifoQueue" if is_true(&value) != self.is_fifo => return Err(invalid()),
            "FifoQueue" => return Ok(()),
            _ if FIFO.iter().any(|(fifo, _)| *fifo == name) && !self.is_fifo => {
                return Err(SqsError::invalid_attribute_name(format!("Unknown Attribute {name}.")));
            }
            "ContentBasedDeduplication" | "SqsManagedSseEnabled" => value.to_lowercase(),
            "RedrivePolicy" => {
                self.redrive = match value.as_str() {
                    "" => None,
                    policy => Some(Redrive::read(policy).ok_or_else(invalid)?),
                };
                value
            }
            "RedriveAllowPolicy" | "Policy" if !value.is_empty() => {
                serde_json::from_str::<Value>(&value).map_err(|_| invalid())?;
                value
            }
            _ => value,
        };
        // An empty text takes a policy away.
        match value.is_empty() {
            true => drop(self.attributes.remove(&name)),
            false => drop(self.attributes.insert(name, value)),
        }
        Ok(())
    }

    /// A number's value: seconds, and for the size bytes.
    pub(super) fn number(&self, name: &str) -> u64 {
        let default =
            || NUMBERS.iter().find(|(number, ..)| *number == name).map_or(0, |n| n.2.into());
        self.attributes.get(name).and_then(|value| value.parse().ok()).unwrap_or_else(default)
    }

    pub(super) fn seconds(&self, name: &str) -> Duration {
        Duration::from_secs(self.number(name))
    }

    /// Whether the content stands for a deduplication id that is not given.
    pub(super) fn deduplicates_by_content(&self) -> bool {
        self.attributes.get("ContentBasedDeduplication").is_some_and(|flag| is_true(flag))
    }

    /// Whether the same deduplication id in two groups is two.
    pub(super) fn deduplicates_by_group(&self) -> bool {
        self.attributes.get("DeduplicationScope").is_some_and(|scope| scope == "messageGroup")
    }

    /// Everything that can be said without looking at messages.
    pub(super) fn shown(&self) -> BTreeMap<String, String> {
        let numbers =
            NUMBERS.iter().map(|(name, _, default)| ((*name).to_owned(), default.to_string()));
        let mut shown: BTreeMap<String, String> = numbers.collect();
        shown.insert("SqsManagedSseEnabled".to_owned(), "true".to_owned());
        if self.is_fifo {
            shown.insert("FifoQueue".to_owned(), "true".to_owned());
            shown.extend(FIFO.map(|(name, default)| (name.to_owned(), default.to_owned())));
        }
        shown.extend(self.attributes.clone());
        shown
    }
}

impl Redrive {
    /// AWS takes the number as a text too.
    fn read(policy: &str) -> Option<Self> {
        let policy: Value = serde_json::from_str(policy).ok()?;
        let target_arn = policy["deadLetterTargetArn"].as_str()?.to_owned();
        let most = &policy["maxReceiveCount"];
        let most = most.as_u64().or_else(|| most.as_str()?.parse().ok())?;
        let max_receives = u32::try_from(most).ok().filter(|most| (1..=1000).contains(most))?;
        Some(Self { target_arn, max_receives })
    }
}

fn is_true(flag: &str) -> bool {
    flag.eq_ignore_ascii_case("true")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(name: &str, attributes: &[(&str, &str)]) -> Result<Settings, SqsErrorCode> {
        let attributes =
            attributes.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        Settings::new(name, attributes).map_err(|error| error.code)
    }

    #[test]
    fn what_aws_takes_is_taken_and_what_it_refuses_is_refused() {
        let policy = r#"{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:d", "maxReceiveCount": "5"}"#;
        for (name, attributes) in [
            ("q", &[("DelaySeconds", "900"), ("RedrivePolicy", policy)][..]),
            ("q.fifo", &[("FifoQueue", "True"), ("ContentBasedDeduplication", "True")]),
        ] {
            settings(name, attributes).expect("taken");
        }
        for (name, attribute, expected) in [
            ("q.fifo", ("DelaySeconds", "1"), SqsErrorCode::InvalidParameterValue),
            ("q", ("FifoQueue", "true"), SqsErrorCode::InvalidParameterValue),
            ("a b", ("DelaySeconds", "1"), SqsErrorCode::InvalidParameterValue),
            ("q", ("DelaySeconds", "901"), SqsErrorCode::InvalidAttributeValue),
            ("q", ("VisibilityTimeout", "43201"), SqsErrorCode::InvalidAttributeValue),
            ("q", ("RedrivePolicy", "{}"), SqsErrorCode::InvalidAttributeValue),
            ("q", ("DeduplicationScope", "queue"), SqsErrorCode::InvalidAttributeName),
            ("q", ("QueueArn", "x"), SqsErrorCode::InvalidAttributeName),
            ("q", ("Nonsense", "x"), SqsErrorCode::InvalidAttributeName),
        ] {
            assert_eq!(settings(name, &[attribute]), Err(expected), "{name} {attribute:?}");
        }
    }

    #[test]
    fn a_refused_change_changes_nothing_and_an_empty_policy_takes_it_away() {
        let mut queue = settings("q", &[("Policy", "{}")]).expect("settings");
        let before = queue.clone();
        let change = [("DelaySeconds", "5"), ("VisibilityTimeout", "x")];
        let change = change.map(|(name, value)| (name.to_owned(), value.to_owned()));
        queue.change(change.into()).expect_err("refused");
        assert_eq!(queue, before);
        queue.change(HashMap::from([("Policy".to_owned(), String::new())])).expect("changed");
        assert_eq!(queue.shown().get("Policy"), None);
    }
}
