//! The consumer around the decision.

use crate::{
    Announcement, Answer, Due, Gateway, Happened, Payment, Refund, Request, Settled, Step,
    conclude, decide,
};
use event_schema::{
    CancellationReason, OrderId, PaymentFailed, PaymentProcessed, PaymentRefunded, RefundPending,
    StoreEvent,
};
use fanfare::Event;
use fanfare::{Consumer, Failure, Key, Memory, State, Table, Work};
use std::sync::Arc;

/// Payment's own table: what is remembered of each order's payment.
pub const PAYMENTS: Table = Table::named_by("PAYMENTS_TABLE");

/// The consumer, which charges and refunds by `gateway`.
pub fn consumer(gateway: impl Gateway) -> Consumer<StoreEvent, Request> {
    let gateway = Arc::new(gateway);
    let ask = move |request| {
        let gateway = Arc::clone(&gateway);
        async move { gateway.ask(request).await }
    };
    let handle = |event, known| async move { handle(event, &known) };
    Consumer::with_effects("payment", reads, handle, ask)
        .sequential_by(|event| event.payload.subject())
        .effects_need(|_| "gateway")
        .tables([PAYMENTS])
        .announces::<PaymentProcessed>()
        .announces::<PaymentFailed>()
        .announces::<RefundPending>()
        .announces::<PaymentRefunded>()
}

fn reads(event: &Event<StoreEvent>) -> Vec<(Table, Key)> {
    vec![(PAYMENTS, Key::new("orderId", event.payload.subject()))]
}

fn handle(event: Event<StoreEvent>, known: &State) -> Result<Work<Request, Answer>, Failure> {
    let memory = known.recall::<Payment>(PAYMENTS, Key::new("orderId", event.payload.subject()))?;
    let Some((order_id, happened)) = happened(event) else {
        return Ok(Work::did("nothing to pay"));
    };
    let before = memory.state.clone().unwrap_or_default();
    Ok(match decide(&order_id, before.clone(), happened)? {
        Step::Ask { payment, request } => Work::act(request.clone(), move |answer| {
            settle(&memory, order_id, conclude(payment, &request, answer))
        }),
        Step::Settle(Settled { payment, did, .. }) if payment == before => Work::did(did),
        Step::Settle(settled) => settle(&memory, order_id, settled),
    })
}

/// Remembers what is settled, and announces what there is to announce.
fn settle<Fx, R>(memory: &Memory<Payment>, order_id: OrderId, settled: Settled) -> Work<Fx, R> {
    let work = Work::did(settled.did).remember(memory, &settled.payment);
    match settled.announce {
        None => work,
        Some(Announcement::Processed { payment_id, due: Due { amount, currency, .. } }) => {
            work.announce(&PaymentProcessed { order_id, payment_id, amount, currency })
        }
        Some(Announcement::Failed { reason }) => work.announce(&PaymentFailed { order_id, reason }),
        Some(Announcement::RefundPending { payment_id, due: Due { amount, currency, .. } }) => {
            work.announce(&RefundPending { order_id, payment_id, amount, currency })
        }
        Some(Announcement::Refunded { payment_id, due: Due { amount, currency, .. } }) => {
            work.announce(&PaymentRefunded { order_id, payment_id, amount, currency })
        }
    }
}

/// What an event says of a payment, and of which order's.
fn happened(event: Event<StoreEvent>) -> Option<(OrderId, Happened)> {
    let at = event.timestamp;
    Some(match event.payload {
        StoreEvent::OrderPlaced(order) => {
            let (customer_id, amount) = (order.customer_id, order.total_amount);
            let due = Due { customer_id, amount, currency: order.currency };
            (order.order_id, Happened::Placed { due, at })
        }
        StoreEvent::InventoryReserved(reserved) => (reserved.order_id, Happened::Reserved { at }),
        StoreEvent::OrderCancellationRequested(asked) => (asked.order_id, Happened::Objected),
        StoreEvent::OrderTimedOut(late) => (late.order_id, Happened::Objected),
        StoreEvent::OrderCancelled(order) => {
            let (customer_id, amount) = (order.customer_id, order.total_amount);
            let due = Due { customer_id, amount, currency: order.currency };
            let is_uncharged = match order.reason {
                CancellationReason::OutOfStock | CancellationReason::PaymentDeclined => true,
                CancellationReason::CustomerRequest | CancellationReason::TimedOut => false,
            };
            (order.order_id, Happened::Cancelled { due, is_uncharged })
        }
        StoreEvent::RefundRequested(asked) => {
            let refund = Refund {
                key: event.id,
                payment_id: asked.payment_id,
                amount: asked.amount,
                currency: asked.currency,
            };
            (asked.order_id, Happened::RefundRequested(refund))
        }
        StoreEvent::RefundLookDue(look) => (look.order_id, Happened::RefundLookDue),
        _ => return None,
    })
}
