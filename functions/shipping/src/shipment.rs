//! A shipment's life, as a pure function of what is heard about its order, in any order of arrival.

use event_schema::{CustomerId, OrderItem};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A shipment as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shipment {
    /// How far it is.
    pub status: Status,
    /// Who ordered, once that was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// What was ordered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<OrderItem>,
}

/// How far a shipment is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The order itself was not heard of yet.
    #[default]
    Awaited,
    /// Neither was the order, but it is confirmed: it may leave as soon as it is prepared.
    Confirmed,
    /// Ready to leave.
    Prepared,
    /// It has left.
    Shipped,
    /// It will not leave.
    Cancelled,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Awaited => "awaited",
            Self::Confirmed => "confirmed",
            Self::Prepared => "prepared",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
        })
    }
}

/// What is heard about an order.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// It was placed.
    Placed {
        /// Who placed it.
        customer_id: CustomerId,
        /// What was ordered.
        items: Vec<OrderItem>,
    },
    /// It is paid for.
    Confirmed,
    /// It was cancelled, or is to be if its shipment has not left.
    Cancelled,
}

/// What is announced of a shipment.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// It is ready, with so many pieces.
    Prepared(u64),
    /// It has left for this customer, with so many pieces.
    Shipped(CustomerId, u64),
    /// It will not leave.
    Cancelled,
}

/// The shipment once a fact is heard, and what is to be announced. A fact that changes nothing gives the
/// shipment as it was.
pub fn heard(before: Shipment, fact: Fact) -> (Shipment, Vec<Step>) {
    match (before.status, fact) {
        (Status::Shipped | Status::Cancelled, _) => (before, Vec::new()),
        (_, Fact::Cancelled) => {
            (Shipment { status: Status::Cancelled, ..before }, vec![Step::Cancelled])
        }
        (Status::Awaited | Status::Confirmed, Fact::Placed { customer_id, items }) => {
            let ready = Step::Prepared(pieces(&items));
            let is_confirmed = before.status == Status::Confirmed;
            let prepared =
                Shipment { status: Status::Prepared, customer_id: Some(customer_id), items };
            match is_confirmed {
                false => (prepared, vec![ready]),
                true => {
                    let (shipped, steps) = heard(prepared, Fact::Confirmed);
                    (shipped, [vec![ready], steps].concat())
                }
            }
        }
        (Status::Prepared, Fact::Confirmed) => {
            let pieces = pieces(&before.items);
            let left = before.customer_id.clone().map(|customer| Step::Shipped(customer, pieces));
            (Shipment { status: Status::Shipped, ..before }, left.into_iter().collect())
        }
        (Status::Awaited, Fact::Confirmed) => {
            (Shipment { status: Status::Confirmed, ..before }, Vec::new())
        }
        (Status::Confirmed, Fact::Confirmed) | (Status::Prepared, Fact::Placed { .. }) => {
            (before, Vec::new())
        }
    }
}

fn pieces(items: &[OrderItem]) -> u64 {
    items.iter().map(|item| u64::from(item.quantity)).sum()
}
