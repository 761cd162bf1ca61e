//! What the resources of a stack are for: which table is the event store, which functions are consumers.
//!
//! A role is found by how resources refer to each other, or said outright in a resource's metadata:
//!
//! | role | found as | or said by |
//! |---|---|---|
//! | `event-store` | the table that functions call `EVENTS_TABLE`, or whose stream feeds the relay | `Role: event-store` |
//! | `ledger` | the table that functions call `LEDGER_TABLE` | `Role: ledger` |
//! | `topic` | the topic that a function calls `EVENTS_TOPIC` | `Role: topic` |
//! | `relay` | the function with `EVENTS_TOPIC` that a table's stream feeds | `Role: relay`, on a function or on its dead-letter queue |
//! | `consumer` | a function that a queue feeds and that has `QUEUE_URL` or `LEDGER_TABLE` | `Role: consumer`, on a function or on a queue |
//! | `audit` | never | `Role: audit`, on a table with the string key `id` |
//!
//! ```yaml
//! ClimateFunction:
//!   Type: AWS::Serverless::Function
//!   Metadata:
//!     Fanfare:
//!       Consumer: climate          # its name in the code; without it, the logical id without `Function`
//!       ForcedReplay: Harmless     # or { Refused: why }, or { IfEmpty: TABLE, Because: why }
//! ```

mod description;
mod find;
mod forced_replay;
mod graph;
mod metadata;
mod role;

pub use description::{MissingRole, NotDescribed, ResourceDescription, StackDescription};
pub use forced_replay::ForcedReplay;
pub use role::Role;

use serde::{Deserialize, Serialize};

/// What the resources of one stack are for, by their logical ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Roles {
    /// The table that holds every event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_store: Option<String>,
    /// The table in which consumers note what they have applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<String>,
    /// The topic that events are announced on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The function that announces what is appended to the event store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relay: Option<String>,
    /// The table that an operator's actions are recorded in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<String>,
    /// Who acts on events.
    #[serde(default)]
    pub consumers: Vec<Consumer>,
    /// Queues for failures that no queue's redrive policy names.
    #[serde(default)]
    pub failure_queues: Vec<FailureQueue>,
}

/// Somebody who acts on events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Consumer {
    /// Its name, which the ledger and the dead letters know it by.
    pub name: String,
    /// Its function, if that is in the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// The queue that it reads.
    pub queue: String,
    /// What it means for it to apply an event again.
    #[serde(default)]
    pub forced_replay: ForcedReplay,
}

/// A queue that something is sent to when it can't be delivered or processed, by other ways than a queue's redrive
/// policy: the destination of a stream's mapping, the dead-letter queue of a subscription, the relay's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FailureQueue {
    /// The queue.
    pub queue: String,
    /// Whose failures it holds: a consumer's or function's name.
    pub owner: String,
    /// The queue that its messages were meant for, if they can go there as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meant_for: Option<String>,
}

impl Roles {
    /// The consumer that reads a queue.
    pub fn consumer_of(&self, queue: &str) -> Option<&Consumer> {
        self.consumers.iter().find(|consumer| consumer.queue == queue)
    }

    /// The consumer of this name.
    pub fn consumer(&self, name: &str) -> Option<&Consumer> {
        self.consumers.iter().find(|consumer| consumer.name == name)
    }
}

/// `air-conditioner` of `AirConditionerFunction` without `Function`.
pub fn kebab_without(logical_id: &str, ending: &str) -> String {
    let stripped = logical_id.strip_suffix(ending).filter(|rest| !rest.is_empty());
    kebab(stripped.unwrap_or(logical_id))
}

fn kebab(camel: &str) -> String {
    let mut text = String::with_capacity(camel.len() + 4);
    let mut before_is_lower = false;
    for c in camel.chars() {
        if c.is_ascii_uppercase() && before_is_lower {
            text.push('-');
        }
        before_is_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        text.push(c.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logical_id_tells_the_consumer() {
        assert_eq!(kebab_without("ClimateFunction", "Function"), "climate");
        assert_eq!(kebab_without("AirConditionerQueue", "Queue"), "air-conditioner");
        assert_eq!(kebab_without("Function", "Function"), "function");
    }
}
