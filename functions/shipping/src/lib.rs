//! Shipping: prepares a shipment for every order, and lets it leave once the order is confirmed.

mod shipment;

pub use shipment::{Fact, Shipment, Status, Step, heard};

use event_schema::{OrderId, OrderShipped, ShipmentCancelled, ShipmentPrepared, StoreEvent};
use fanfare::Event;
use fanfare::{Consumer, Failure, Key, State, Table, Work};

/// The shipments: an item per order.
pub const SHIPMENTS: Table = Table::named_by("SHIPMENTS_TABLE");

/// The consumer of orders on their way.
pub fn consumer() -> Consumer<StoreEvent> {
    Consumer::reading("shipping", reads, decide)
        .sequential_by(|event| event.payload.subject())
        .tables([SHIPMENTS])
        .announces::<ShipmentPrepared>()
        .announces::<OrderShipped>()
        .announces::<ShipmentCancelled>()
}

fn key(order: &OrderId) -> Key {
    Key::new("orderId", order.as_str())
}

fn reads(event: &Event<StoreEvent>) -> Vec<(Table, Key)> {
    vec![(SHIPMENTS, Key::new("orderId", event.payload.subject()))]
}

async fn decide(event: Event<StoreEvent>, known: State) -> Result<Work, Failure> {
    let (order_id, fact) = match event.payload {
        StoreEvent::OrderPlaced(o) => {
            (o.order_id, Fact::Placed { customer_id: o.customer_id, items: o.items })
        }
        StoreEvent::OrderConfirmed(o) => (o.order_id, Fact::Confirmed),
        StoreEvent::OrderCancelled(o) => (o.order_id, Fact::Cancelled),
        StoreEvent::ShipmentStopRequested(o) => (o.order_id, Fact::Cancelled),
        _ => return Ok(Work::did("nothing to ship")),
    };
    let memory = known.recall::<Shipment>(SHIPMENTS, key(&order_id))?;
    let before = memory.state.clone().unwrap_or_default();
    let (shipment, steps) = heard(before.clone(), fact);
    let did = shipment.status.to_string();
    if shipment == before {
        return Ok(Work::did(format!("{did} already")));
    }
    let work = Work::did(did).remember(&memory, &shipment);
    Ok(steps.into_iter().fold(work, |work, step| announce(work, &order_id, step)))
}

fn announce(work: Work, order_id: &OrderId, step: Step) -> Work {
    let order_id = order_id.clone();
    match step {
        Step::Prepared(pieces) => work.announce(&ShipmentPrepared { order_id, pieces }),
        Step::Shipped(customer_id, pieces) => {
            work.announce(&OrderShipped { order_id, customer_id, pieces })
        }
        Step::Cancelled => work.announce(&ShipmentCancelled { order_id }),
    }
}
