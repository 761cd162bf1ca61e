//! The roles by their names, and how a template says which resource has one.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a resource is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The table that holds every event.
    EventStore,
    /// The table in which consumers note what they have applied.
    Ledger,
    /// The topic that events are announced on.
    Topic,
    /// The function that announces what is appended to the event store, or its dead-letter queue.
    Relay,
    /// A function that acts on events, or the queue that it reads.
    Consumer,
    /// The table that an operator's actions are recorded in.
    Audit,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::EventStore, Self::Ledger, Self::Topic, Self::Relay, Self::Consumer, Self::Audit];

    /// Its name in a template: `event-store`.
    pub fn name(self) -> &'static str {
        match self {
            Self::EventStore => "event-store",
            Self::Ledger => "ledger",
            Self::Topic => "topic",
            Self::Relay => "relay",
            Self::Consumer => "consumer",
            Self::Audit => "audit",
        }
    }

    /// The role of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// How a template gives a resource this role.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::EventStore => {
                "let a function's environment variable EVENTS_TABLE refer to the table, or give the table \
                 `Metadata: { Fanfare: { Role: event-store } }`"
            }
            Self::Ledger => {
                "let the consumers' environment variable LEDGER_TABLE refer to the table, or give the table \
                 `Metadata: { Fanfare: { Role: ledger } }`"
            }
            Self::Topic => {
                "let the relay's environment variable EVENTS_TOPIC refer to the topic, or give the topic \
                 `Metadata: { Fanfare: { Role: topic } }`"
            }
            Self::Relay => {
                "let the event store's stream feed a function that has EVENTS_TOPIC, or give the function \
                 `Metadata: { Fanfare: { Role: relay } }`"
            }
            Self::Consumer => {
                "let a queue feed a function that has QUEUE_URL and LEDGER_TABLE, or give the function or the queue \
                 `Metadata: { Fanfare: { Role: consumer, Consumer: NAME } }`"
            }
            Self::Audit => {
                "add a table with the string key `id` and `Metadata: { Fanfare: { Role: audit } }`"
            }
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EventStore => "event store",
            Self::Ledger => "ledger",
            Self::Topic => "topic of events",
            Self::Relay => "relay",
            Self::Consumer => "consumer",
            Self::Audit => "audit table",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_found_by_its_name_and_says_how_to_give_it() {
        for role in Role::ALL {
            assert_eq!(Role::named(role.name()), Some(role));
            assert!(role.remedy().contains(&format!("Role: {}", role.name())), "{role}");
        }
        assert_eq!(Role::named("event_store"), None);
    }
}
