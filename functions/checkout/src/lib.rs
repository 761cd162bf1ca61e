//! The checkout: ties reservation, payment and shipment of an order together, and has them undone when one fails.
//!
//! [`saga`] decides; this file translates events into facts, and decisions into events.

pub mod saga;

use event_schema::{
    CancellationReason, OrderCancelled, OrderConfirmed, OrderId, RefundRequested,
    ShipmentStopRequested, StoreEvent,
};
use fanfare::{Consumer, Event, Failure, Key, State, Table, Timestamp, Work};
use read_models::sagas;
use saga::{Decision, Fact, Order, Payment, Saga};
use serde::{Deserialize, Serialize};

/// The consumer of all that settles an order.
pub fn consumer() -> Consumer<StoreEvent> {
    Consumer::reading("checkout", reads, decide)
        .sequential_by(|event| event.payload.subject())
        .tables([sagas::TABLE])
        .announces::<OrderConfirmed>()
        .announces::<OrderCancelled>()
        .announces::<RefundRequested>()
        .announces::<ShipmentStopRequested>()
}

/// A saga as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    saga: Saga,
    /// Puts it into the sweep's index, while it waits and the sweep has not told of it.
    #[serde(flatten)]
    mark: Option<sagas::Mark>,
}

fn reads(event: &Event<StoreEvent>) -> Vec<(Table, Key)> {
    vec![(sagas::TABLE, sagas::key(&event.payload.subject()))]
}

async fn decide(event: Event<StoreEvent>, known: State) -> Result<Work, Failure> {
    let at = event.timestamp;
    let Some((order_id, fact)) = fact(event) else {
        return Ok(Work::did("nothing to settle"));
    };
    let memory = known.recall::<Kept>(sagas::TABLE, sagas::key(order_id.as_str()))?;
    let kept = memory.state.clone();
    let before = kept.as_ref().map(|kept| kept.saga.clone()).unwrap_or_default();
    let (saga, decisions) = saga::heard(before.clone(), fact);
    if kept.is_some() && saga == before {
        return Ok(Work::did("knew that"));
    }
    let mark = mark(&order_id, kept, &saga, at);
    let work = Work::did(format!("{:?}", saga.phase).to_lowercase())
        .remember(&memory, &Kept { saga: saga.clone(), mark });
    decisions
        .into_iter()
        .try_fold(work, |work, decision| announce(work, &order_id, &saga, decision))
}

/// The mark of a saga that has heard of something then. It stays as it was while the saga waits for the same thing: when
/// the sweep has taken it away, it has told of the wait. Each word of a pending refund begins a new wait.
fn mark(order_id: &OrderId, kept: Option<Kept>, saga: &Saga, at: Timestamp) -> Option<sagas::Mark> {
    let wait = saga.waits_for()?;
    match kept {
        Some(kept)
            if kept.saga.waits_for() == Some(wait)
                && kept.saga.refund_pending == saga.refund_pending =>
        {
            kept.mark
        }
        _ => Some(sagas::Mark::since(order_id, wait, at)),
    }
}

/// What an event says of an order; `None` when it says nothing that the checkout cares for.
fn fact(event: Event<StoreEvent>) -> Option<(OrderId, Fact)> {
    let at = event.timestamp;
    Some(match event.payload {
        StoreEvent::OrderPlaced(e) => (
            e.order_id,
            Fact::Placed(Order {
                customer_id: e.customer_id,
                items: e.items,
                total_amount: e.total_amount,
                currency: e.currency,
                placed_at: at,
            }),
        ),
        StoreEvent::PaymentProcessed(e) => (
            e.order_id,
            Fact::Paid(Payment {
                payment_id: e.payment_id,
                amount: e.amount,
                currency: e.currency,
            }),
        ),
        StoreEvent::InventoryReservationFailed(e) => {
            (e.order_id, Fact::Objection(CancellationReason::OutOfStock))
        }
        StoreEvent::PaymentFailed(e) => {
            (e.order_id, Fact::Objection(CancellationReason::PaymentDeclined))
        }
        StoreEvent::OrderCancellationRequested(e) => {
            (e.order_id, Fact::Objection(CancellationReason::CustomerRequest))
        }
        StoreEvent::OrderTimedOut(e) => (e.order_id, Fact::Objection(CancellationReason::TimedOut)),
        StoreEvent::OrderShipped(e) => (e.order_id, Fact::Shipped),
        StoreEvent::ShipmentCancelled(e) => (e.order_id, Fact::ShipmentCancelled),
        StoreEvent::RefundPending(e) => (e.order_id, Fact::RefundPending(at)),
        StoreEvent::PaymentRefunded(e) => (e.order_id, Fact::Refunded),
        _ => return None,
    })
}

fn announce(
    work: Work,
    order_id: &OrderId,
    saga: &Saga,
    decision: Decision,
) -> Result<Work, Failure> {
    let unknown = || Failure::permanent("the saga decided from what it does not know");
    let order = || saga.order.clone().ok_or_else(unknown);
    let payment = || saga.payment.clone().ok_or_else(unknown);
    let order_id = order_id.clone();
    Ok(match decision {
        Decision::Confirm => {
            let (order, payment) = (order()?, payment()?);
            work.announce(&OrderConfirmed {
                order_id,
                customer_id: order.customer_id,
                items: order.items,
                total_amount: order.total_amount,
                currency: order.currency,
                payment_id: payment.payment_id,
            })
        }
        Decision::Cancel(reason) => {
            let order = order()?;
            work.announce(&OrderCancelled {
                order_id,
                customer_id: order.customer_id,
                reason,
                items: order.items,
                total_amount: order.total_amount,
                currency: order.currency,
            })
        }
        Decision::StopShipment => work.announce(&ShipmentStopRequested { order_id }),
        Decision::Refund => {
            let Payment { payment_id, amount, currency } = payment()?;
            work.announce(&RefundRequested { order_id, payment_id, amount, currency })
        }
    })
}
