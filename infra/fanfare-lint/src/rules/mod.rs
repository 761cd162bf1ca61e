//! The rules: what each is about, why, and where AWS says so.

mod acceptance;
mod alarms;
mod batches;
mod concurrency;
mod dead_letter_queues;
mod encryption;
mod findings;
mod invalid_template;
mod leading_keys;
mod listed_consumers;
mod logs;
mod loose_ends;
mod metadata;
mod open_policies;
mod partial_batches;
mod project;
mod queue_policies;
mod receive_count;
mod recovery;
mod resource_actions;
mod table_variables;
mod visibility;
mod wildcards;

pub(crate) use acceptance::{BAD_ACCEPTANCE, fault as acceptance_fault};
pub(crate) use findings::Findings;

use crate::stack::Stack;
use std::fmt;

/// A rule.
pub struct Rule {
    /// Its name, in kebab case: what an acceptance names.
    pub id: &'static str,
    /// What breaks it, in a few words.
    pub title: &'static str,
    /// Why it is a rule.
    pub why: &'static str,
    /// The page of AWS (or of this project) that it comes from.
    pub page: &'static str,
    pub(crate) check: fn(&Stack<'_>, &mut Findings),
}

/// Every rule.
pub static RULES: [&Rule; 30] = [
    &visibility::VISIBILITY_TIMEOUT,
    &receive_count::MAX_RECEIVE_COUNT,
    &partial_batches::PARTIAL_BATCH_RESPONSE,
    &dead_letter_queues::QUEUE_WITHOUT_DLQ,
    &dead_letter_queues::SUBSCRIPTION_WITHOUT_DLQ,
    &dead_letter_queues::DLQ_RETENTION,
    &concurrency::RESERVED_CONCURRENCY,
    &concurrency::ACCOUNT_CONCURRENCY,
    &batches::BATCH_WINDOW,
    &batches::FIFO_BATCH,
    &open_policies::OPEN_POLICY,
    &encryption::QUEUE_ENCRYPTION,
    &encryption::TOPIC_ENCRYPTION,
    &encryption::TABLE_ENCRYPTION,
    &recovery::POINT_IN_TIME_RECOVERY,
    &logs::LOG_RETENTION,
    &wildcards::WILDCARD_ACTION,
    &wildcards::WILDCARD_RESOURCE,
    &project::UNKNOWN_EVENT_TYPE,
    &project::CONSUMER_WITHOUT_SUBSCRIPTION,
    &queue_policies::QUEUE_CLOSED_TO_TOPIC,
    &leading_keys::FOREIGN_LEADING_KEYS,
    &table_variables::UNKNOWN_TABLE,
    &alarms::CONSUMER_WITHOUT_ALARMS,
    &listed_consumers::UNLISTED_CONSUMER,
    &loose_ends::EVENT_WITHOUT_CONSUMER,
    &loose_ends::EVENT_WITHOUT_ANNOUNCER,
    &invalid_template::INVALID_TEMPLATE,
    &metadata::UNKNOWN_METADATA,
    &BAD_ACCEPTANCE,
];

/// The rule of this name.
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.into_iter().find(|rule| rule.id == id)
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}
