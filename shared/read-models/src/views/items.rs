//! What the items say.

use super::{Generation, owner};
use crate::order_facts::OrderFacts;
use fanfare::Timestamp;
use serde::{Deserialize, Serialize};

/// An order's summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderSummary {
    generation: Generation,
    /// What is known of the order.
    pub facts: OrderFacts,
    /// Puts a placed order into the index of its customer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    placed_at: Option<i64>,
}

impl OrderSummary {
    /// The summary that these facts make.
    pub fn of(generation: Generation, facts: OrderFacts) -> Self {
        let placement = facts.placement.as_ref();
        Self {
            generation,
            owner: placement.map(|placement| owner(generation, &placement.customer_id)),
            placed_at: placement.map(|placement| placement.at.as_microsecond()),
            facts,
        }
    }
}

/// What a customer is called. Orders do not repeat it: it is joined to them when they are read, so that a new name
/// shows at once on every order that there is, for one read more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerName {
    pub(super) generation: Generation,
    /// Their name.
    pub name: String,
    /// The version of the customer's stream that says so, 0 if the event named none; the highest wins.
    pub(super) version: u64,
    /// When it was said: decides between events without a version.
    pub(super) at: Timestamp,
}
