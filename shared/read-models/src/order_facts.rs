//! What is known of an order: the set of facts that its events are, whichever came first and however often.
//!
//! An order has some 10 events and never 20, so it is folded anew whenever it is looked at: no snapshots.

use event_schema::{CancellationReason, CustomerId, Sku, StoreEvent};
use fanfare::{Event, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// The facts of one order. Adding is commutative, and adding again changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderFacts {
    /// Its placement, once that was heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// What there was not enough of.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub short: BTreeSet<Sku>,
    /// Why it was cancelled, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancellation: Option<CancellationReason>,
    /// When the last of its events happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    happened: BTreeSet<Milestone>,
}

/// What the placement of an order says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    /// When it was placed.
    pub at: Timestamp,
    /// Who placed it.
    pub customer_id: CustomerId,
    /// What it costs, in minor units of `currency`.
    pub total_amount: u64,
    /// The currency, by its ISO 4217 code.
    pub currency: String,
    /// How many pieces were ordered.
    pub pieces: u64,
}

/// What can happen to an order once it is placed, each at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is named like the event that it stands for")]
pub enum Milestone {
    CancellationRequested,
    Cancelled,
    Confirmed,
    InventoryDispatched,
    InventoryReleased,
    InventoryReserved,
    PaymentFailed,
    PaymentProcessed,
    PaymentRefunded,
    RefundPending,
    RefundRequested,
    ReservationFailed,
    ReservationSkipped,
    ShipmentCancelled,
    ShipmentPrepared,
    ShipmentStopRequested,
    Shipped,
    Stalled,
    TimedOut,
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nothing is set aside or paid yet.
    Placed,
    /// All that it asks for is set aside.
    Reserved,
    /// It is paid for.
    Paid,
    /// It is paid for and will be shipped.
    Confirmed,
    /// Its shipment has left.
    Shipped,
    /// It will not be fulfilled.
    Cancelled,
}

impl Status {
    /// Every status, in the order of an order's life.
    pub const ALL: [Self; 6] =
        [Self::Placed, Self::Reserved, Self::Paid, Self::Confirmed, Self::Shipped, Self::Cancelled];

    /// The status as it is shown, such as `placed`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Reserved => "reserved",
            Self::Paid => "paid",
            Self::Confirmed => "confirmed",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What becomes of an order's shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shipment {
    /// Nothing was made ready.
    Pending,
    /// It is ready, and has not left.
    Prepared,
    /// It has left.
    Shipped,
    /// It will not leave.
    Cancelled,
}

impl OrderFacts {
    /// Adds what an event says; one that is not about an order adds nothing.
    pub fn add(&mut self, event: &Event<StoreEvent>) {
        match &event.payload {
            StoreEvent::OrderPlaced(order) => {
                let placement = Placement {
                    at: event.timestamp,
                    customer_id: order.customer_id.clone(),
                    total_amount: order.total_amount,
                    currency: order.currency.code().to_owned(),
                    pieces: order.items.iter().map(|item| u64::from(item.quantity)).sum(),
                };
                // There is one. If somebody made a second, the order must not hang on which came first.
                if self.placement.as_ref().is_none_or(|known| placement < *known) {
                    self.placement = Some(placement);
                }
            }
            StoreEvent::InventoryReservationFailed(failed) => {
                self.short.extend(failed.short.iter().cloned());
            }
            StoreEvent::OrderCancelled(order) => {
                let reasons = self.cancellation.into_iter().chain([order.reason]);
                self.cancellation = reasons.min();
            }
            StoreEvent::CustomerRegistered(_)
            | StoreEvent::CustomerUpdated(_)
            | StoreEvent::StockAdjusted(_) => return,
            _ => {}
        }
        self.happened.extend(milestone(&event.payload));
        self.updated_at = self.updated_at.max(Some(event.timestamp));
    }

    /// Whether this has happened, as far as is known.
    pub fn has(&self, milestone: Milestone) -> bool {
        self.happened.contains(&milestone)
    }

    /// How far the order is; `None` while its placement has not been heard of.
    pub fn status(&self) -> Option<Status> {
        self.placement.as_ref()?;
        let reached = [
            (Milestone::Shipped, Status::Shipped),
            (Milestone::Cancelled, Status::Cancelled),
            (Milestone::Confirmed, Status::Confirmed),
            (Milestone::PaymentProcessed, Status::Paid),
            (Milestone::InventoryReserved, Status::Reserved),
        ];
        let furthest = reached.into_iter().find(|(milestone, _)| self.has(*milestone));
        Some(furthest.map_or(Status::Placed, |(_, status)| status))
    }

    /// What becomes of its shipment.
    pub fn shipment(&self) -> Shipment {
        let reached = [
            (Milestone::Shipped, Shipment::Shipped),
            (Milestone::ShipmentCancelled, Shipment::Cancelled),
            (Milestone::ShipmentPrepared, Shipment::Prepared),
        ];
        let furthest = reached.into_iter().find(|(milestone, _)| self.has(*milestone));
        furthest.map_or(Shipment::Pending, |(_, shipment)| shipment)
    }
}

/// What an event says has happened to an order.
fn milestone(event: &StoreEvent) -> Option<Milestone> {
    Some(match event {
        StoreEvent::CustomerRegistered(_)
        | StoreEvent::CustomerUpdated(_)
        | StoreEvent::OrderPlaced(_)
        | StoreEvent::RefundLookDue(_)
        | StoreEvent::StockAdjusted(_) => return None,
        StoreEvent::OrderCancellationRequested(_) => Milestone::CancellationRequested,
        StoreEvent::OrderTimedOut(_) => Milestone::TimedOut,
        StoreEvent::OrderStalled(_) => Milestone::Stalled,
        StoreEvent::OrderConfirmed(_) => Milestone::Confirmed,
        StoreEvent::OrderCancelled(_) => Milestone::Cancelled,
        StoreEvent::RefundRequested(_) => Milestone::RefundRequested,
        StoreEvent::ShipmentStopRequested(_) => Milestone::ShipmentStopRequested,
        StoreEvent::InventoryReserved(_) => Milestone::InventoryReserved,
        StoreEvent::InventoryReservationFailed(_) => Milestone::ReservationFailed,
        StoreEvent::InventoryReservationSkipped(_) => Milestone::ReservationSkipped,
        StoreEvent::InventoryDispatched(_) => Milestone::InventoryDispatched,
        StoreEvent::InventoryReleased(_) => Milestone::InventoryReleased,
        StoreEvent::PaymentProcessed(_) => Milestone::PaymentProcessed,
        StoreEvent::PaymentFailed(_) => Milestone::PaymentFailed,
        StoreEvent::RefundPending(_) => Milestone::RefundPending,
        StoreEvent::PaymentRefunded(_) => Milestone::PaymentRefunded,
        StoreEvent::ShipmentPrepared(_) => Milestone::ShipmentPrepared,
        StoreEvent::OrderShipped(_) => Milestone::Shipped,
        StoreEvent::ShipmentCancelled(_) => Milestone::ShipmentCancelled,
    })
}
