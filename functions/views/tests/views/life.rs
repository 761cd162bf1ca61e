//! The life of orders, as the tests of views tell it.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use event_schema::{
    CancellationReason, Currency, CustomerId, CustomerRegistered, CustomerUpdated,
    InventoryDispatched, InventoryReleased, InventoryReservationFailed, InventoryReserved,
    OrderCancellationRequested, OrderCancelled, OrderConfirmed, OrderId, OrderItem, OrderPlaced,
    OrderShipped, PaymentFailed, PaymentProcessed, PaymentRefunded, RefundRequested,
    ShipmentCancelled, ShipmentPrepared, ShipmentStopRequested, Sku,
};
use fanfare::{Envelope, EventId, EventType, Timestamp};
use std::time::Duration;

pub(crate) const CUSTOMER: &str = "cust_1";

/// How an order's life goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// All goes well.
    Good,
    /// There is not enough of something.
    SoldOut,
    /// The payment is declined.
    Declined,
    /// The customer cancels it once it is paid for.
    Cancelled,
}

pub(crate) const LIVES: [Life; 4] = [Life::Good, Life::SoldOut, Life::Declined, Life::Cancelled];

/// The events of an order, in the order in which they happened, a second apart.
pub(crate) fn events(order: &str, life: Life) -> Vec<Envelope> {
    let mut story = Story { order: OrderId::new(order).unwrap(), events: Vec::new() };
    story.tell(life);
    story.events
}

/// The events of a customer who is called Ada first, and Ada Lovelace then.
pub(crate) fn customer() -> Vec<Envelope> {
    let (customer_id, email) = (customer_id(), "ada@example.com".to_owned());
    let registered = CustomerRegistered {
        customer_id: customer_id.clone(),
        name: "Ada".to_owned(),
        email: email.clone(),
    };
    let updated = CustomerUpdated { customer_id, name: "Ada Lovelace".to_owned(), email };
    let first = Envelope { version: Some(1), ..wrap("evt_registered", 0, &registered) };
    let second = Envelope { version: Some(2), ..wrap("evt_updated", 1, &updated) };
    vec![first, second]
}

fn customer_id() -> CustomerId {
    CustomerId::new(CUSTOMER).unwrap()
}

fn wrap<E: EventType>(id: &str, second: u64, payload: &E) -> Envelope {
    let start: Timestamp = "2024-01-15T10:30:00Z".parse().unwrap();
    let at = start + Duration::from_secs(second);
    Envelope::wrap(payload, EventId::new(id).unwrap(), at).unwrap()
}

struct Story {
    order: OrderId,
    events: Vec<Envelope>,
}

impl Story {
    fn then<E: EventType>(&mut self, payload: &E) {
        let second = self.events.len();
        self.events.push(wrap(&format!("evt_{}_{second}", self.order), second as u64, payload));
    }

    fn tell(&mut self, life: Life) {
        let order_id = self.order.clone();
        self.then(&OrderPlaced {
            order_id: order_id.clone(),
            customer_id: customer_id(),
            items: vec![OrderItem {
                sku: Sku::new("mug").unwrap(),
                quantity: 2,
                unit_price: Some(5),
            }],
            total_amount: 10,
            currency: Currency::EUR,
        });
        self.then(&ShipmentPrepared { order_id: order_id.clone(), pieces: 2 });
        if life == Life::SoldOut {
            let short = vec![Sku::new("mug").unwrap()];
            self.then(&InventoryReservationFailed { order_id: order_id.clone(), short });
            return self.cancel(CancellationReason::OutOfStock);
        }
        self.then(&InventoryReserved { order_id: order_id.clone(), items: Vec::new() });
        if life == Life::Declined {
            self.then(&PaymentFailed { order_id, reason: "card_declined".to_owned() });
            self.cancel(CancellationReason::PaymentDeclined);
            return self.release();
        }
        self.pay();
        match life {
            Life::Cancelled => self.undo(),
            _ => {
                let customer_id = customer_id();
                self.then(&OrderShipped { order_id: order_id.clone(), customer_id, pieces: 2 });
                self.then(&InventoryDispatched { order_id, items: Vec::new() });
            }
        }
    }

    fn pay(&mut self) {
        let (order_id, payment_id) = (self.order.clone(), "pay_1".to_owned());
        let (amount, currency) = (10, Currency::EUR);
        self.then(&PaymentProcessed {
            order_id: order_id.clone(),
            payment_id: payment_id.clone(),
            amount,
            currency,
        });
        self.then(&OrderConfirmed {
            order_id,
            customer_id: customer_id(),
            items: Vec::new(),
            total_amount: amount,
            currency,
            payment_id,
        });
    }

    fn undo(&mut self) {
        let (order_id, payment_id) = (self.order.clone(), "pay_1".to_owned());
        let (amount, currency) = (10, Currency::EUR);
        self.then(&OrderCancellationRequested { order_id: order_id.clone() });
        self.then(&ShipmentStopRequested { order_id: order_id.clone() });
        self.then(&ShipmentCancelled { order_id: order_id.clone() });
        self.cancel(CancellationReason::CustomerRequest);
        self.then(&RefundRequested {
            order_id: order_id.clone(),
            payment_id: payment_id.clone(),
            amount,
            currency,
        });
        self.then(&PaymentRefunded { order_id, payment_id, amount, currency });
        self.release();
    }

    fn cancel(&mut self, reason: CancellationReason) {
        let order_id = self.order.clone();
        self.then(&OrderCancelled {
            order_id,
            customer_id: customer_id(),
            reason,
            items: Vec::new(),
            total_amount: 10,
            currency: Currency::EUR,
        });
    }

    fn release(&mut self) {
        let order_id = self.order.clone();
        self.then(&InventoryReleased { order_id, items: Vec::new() });
    }
}
