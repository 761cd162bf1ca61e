//! The saga of an order: what is known of it, and what follows, as a pure function.
//!
//! [`heard`] takes the facts in any order, each any number of times. It first keeps what the fact says, then asks
//! what follows from all that is known, so that the same facts lead to the same end whichever came first, but for
//! a race that must have a winner: the customer's cancel and the payment.

use event_schema::{CancellationReason, Currency, CustomerId, OrderItem};
use fanfare::Timestamp;
use read_models::sagas::Wait;
use serde::{Deserialize, Serialize};

/// What is known of an order, as it is kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Saga {
    /// How far it is.
    pub phase: Phase,
    /// The order, once it was heard of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// What was captured for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// Why it should be cancelled, once there is a reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objection: Option<CancellationReason>,
    /// Whether its shipment has left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shipped: bool,
    /// Whether its shipment will not leave.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shipment_cancelled: bool,
    /// Whether a refund was asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refund_requested: bool,
    /// When the gateway was last heard to have the refund under way, and not settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_pending: Option<Timestamp>,
    /// Whether the money was given back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refunded: bool,
}

impl Saga {
    /// What it waits for others to do, if that can take too long. An open order with an objection waits for nothing but to
    /// be heard of: a time-out would be a second objection.
    pub fn waits_for(&self) -> Option<Wait> {
        match self.phase {
            Phase::Open if self.objection.is_none() => Some(Wait::Settlement),
            Phase::Confirmed | Phase::Stopping => Some(Wait::Shipment),
            Phase::Cancelled if self.refund_pending.is_some() && !self.refunded => {
                Some(Wait::Refund)
            }
            Phase::Open | Phase::Shipped | Phase::Cancelled => None,
        }
    }
}

/// How far an order is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Neither confirmed nor cancelled.
    #[default]
    Open,
    /// Paid for; its shipment may leave.
    Confirmed,
    /// The customer cancelled it when it was confirmed: its shipment is being stopped.
    Stopping,
    /// Its shipment has left.
    Shipped,
    /// It will not be fulfilled.
    Cancelled,
}

/// What an order is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Who placed it.
    pub customer_id: CustomerId,
    /// What was ordered.
    pub items: Vec<OrderItem>,
    /// What it costs, in minor units.
    pub total_amount: u64,
    /// In which currency.
    pub currency: Currency,
    /// When it was placed.
    pub placed_at: Timestamp,
}

/// What was captured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// The gateway's name for it.
    pub payment_id: String,
    /// How much, in minor units.
    pub amount: u64,
    /// In which currency.
    pub currency: Currency,
}

/// What is heard about an order.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// It was placed.
    Placed(Order),
    /// The customer was charged.
    Paid(Payment),
    /// There is a reason to cancel it.
    Objection(CancellationReason),
    /// Its shipment has left.
    Shipped,
    /// Its shipment will not leave.
    ShipmentCancelled,
    /// The gateway has its refund under way, and it was not settled then.
    RefundPending(Timestamp),
    /// Its money was given back.
    Refunded,
}

/// What the checkout announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The order is confirmed.
    Confirm,
    /// The order is cancelled: whoever did something for it undoes that.
    Cancel(CancellationReason),
    /// Its shipment is not to leave, if it has not yet.
    StopShipment,
    /// What was captured is to be given back.
    Refund,
}

/// The saga once a fact is heard, and what is to be announced. A fact that says nothing new changes nothing.
pub fn heard(saga: Saga, fact: Fact) -> (Saga, Vec<Decision>) {
    let mut saga = keep(saga, fact);
    let mut decisions = Vec::new();
    while let Some((phase, decision)) = follows(&saga) {
        saga.phase = phase;
        saga.refund_requested |= decision == Some(Decision::Refund);
        decisions.extend(decision);
    }
    (saga, decisions)
}

/// Adds what a fact says to what is known. What was heard first stays.
fn keep(mut saga: Saga, fact: Fact) -> Saga {
    match fact {
        Fact::Placed(order) => saga.order = saga.order.or(Some(order)),
        Fact::Paid(payment) => saga.payment = saga.payment.or(Some(payment)),
        Fact::Objection(reason) if can_object(reason, saga.phase) => {
            saga.objection = saga.objection.or(Some(reason));
        }
        Fact::Objection(_) => {}
        Fact::Shipped => saga.shipped = true,
        Fact::ShipmentCancelled => saga.shipment_cancelled = true,
        // Each word begins another wait, also by a clock that is behind the one before: else nobody looks again.
        Fact::RefundPending(at) => saga.refund_pending = Some(at),
        Fact::Refunded => saga.refunded = true,
    }
    saga
}

/// Once an order is confirmed, only its customer can still object; once it is settled, nobody.
fn can_object(reason: CancellationReason, phase: Phase) -> bool {
    match phase {
        Phase::Open => true,
        Phase::Confirmed => reason == CancellationReason::CustomerRequest,
        Phase::Stopping | Phase::Shipped | Phase::Cancelled => false,
    }
}

/// The next phase that follows from what is known, and what is to be announced; `None` when nothing does.
fn follows(saga: &Saga) -> Option<(Phase, Option<Decision>)> {
    let is_known = saga.order.is_some();
    match (saga.phase, saga.objection) {
        (Phase::Open, Some(reason)) if is_known => {
            Some((Phase::Cancelled, Some(Decision::Cancel(reason))))
        }
        (Phase::Open, None) if is_known && saga.payment.is_some() => {
            Some((Phase::Confirmed, Some(Decision::Confirm)))
        }
        (Phase::Confirmed | Phase::Stopping, _) if saga.shipped => Some((Phase::Shipped, None)),
        (Phase::Confirmed, Some(_)) => Some((Phase::Stopping, Some(Decision::StopShipment))),
        (Phase::Stopping, Some(reason)) if saga.shipment_cancelled => {
            Some((Phase::Cancelled, Some(Decision::Cancel(reason))))
        }
        (Phase::Cancelled, _) if saga.payment.is_some() && !saga.refund_requested => {
            Some((Phase::Cancelled, Some(Decision::Refund)))
        }
        _ => None,
    }
}
