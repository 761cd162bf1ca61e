//! Counts each customer's orders, and pins a notice of each to a board that others append to as well: what it remembers
//! of that stream's length is less than there is.

use crate::consumers::noticing::OrderNoticed;
use event_schema::OrderPlaced;
use fanfare::{Consumer, Event, Failure, Key, State, Table, Work};
use serde::{Deserialize, Serialize};

const GOSSIP: Table = Table::named_by("GOSSIP_TABLE");

/// What is said of a customer.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Gossip {
    orders: u64,
}

/// The consumer.
pub(crate) fn gossiping() -> Consumer<OrderPlaced> {
    let reads = |event: &Event<OrderPlaced>| vec![(GOSSIP, key(event))];
    let decide = |event: Event<OrderPlaced>, known: State| async move { decide(&event, &known) };
    Consumer::reading("gossiping", reads, decide).tables([GOSSIP]).announces::<OrderNoticed>()
}

fn decide(event: &Event<OrderPlaced>, known: &State) -> Result<Work, Failure> {
    let memory = known.recall::<Gossip>(GOSSIP, key(event))?;
    let orders = memory.state.as_ref().map_or(0, |gossip| gossip.orders) + 1;
    Ok(Work::did(format!("told of {orders}"))
        .remember(&memory, &Gossip { orders })
        .announce(&OrderNoticed::of(&event.payload.order_id)))
}

fn key(event: &Event<OrderPlaced>) -> Key {
    Key::new("customerId", event.payload.customer_id.as_str())
}
