//! The services behind the SDK: how each is asked, and how each refuses.

use crate::chance::Chance;
use crate::faults::Fault;

/// A service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    DynamoDb,
    Sqs,
    Sns,
}

impl Service {
    /// The service of a request of the JSON protocols, by the prefix of its target.
    pub(crate) fn of_target(prefix: &str) -> Self {
        match prefix.starts_with("DynamoDB") {
            true => Self::DynamoDb,
            false => Self::Sqs,
        }
    }

    /// The outage that it may have.
    pub(crate) fn outage(self) -> Option<Fault> {
        match self {
            Self::DynamoDb => Some(Fault::Outage),
            Self::Sns => Some(Fault::TopicOutage),
            Self::Sqs => None,
        }
    }

    /// A failure of its own.
    pub(crate) fn internal_error(self) -> &'static str {
        match self {
            Self::DynamoDb => "com.amazonaws.dynamodb.v20120810#InternalServerError",
            Self::Sqs => "com.amazonaws.sqs#InternalError",
            Self::Sns => "InternalError",
        }
    }

    /// Its refusal of too many requests.
    pub(crate) fn throttled(self, chance: &Chance) -> &'static str {
        match self {
            Self::DynamoDb => chance.one_of::<&str>(&[
                "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
                "com.amazon.coral.availability#ThrottlingException",
            ]),
            Self::Sqs => "com.amazonaws.sqs#RequestThrottled",
            Self::Sns => "Throttling",
        }
    }
}
