//! Spends what an order may be spent once: what its handler reads is what it writes, so that it would refuse a repeat.

use event_schema::OrderPlaced;
use fanfare::Event;
use fanfare::{Consumer, Failure, Key, Only, State, Table, Work, Write};
use serde_json::{Map, Value, json};

const SPENT: Table = Table::named_by("SPENT_TABLE");

/// The consumer.
pub(crate) fn spending() -> Consumer<OrderPlaced> {
    let reads = |event: &Event<OrderPlaced>| vec![(SPENT, key(event))];
    Consumer::reading("spending", reads, |event, known| async move { decide(&event, &known) })
        .tables([SPENT])
}

fn decide(event: &Event<OrderPlaced>, known: &State) -> Result<Work, Failure> {
    let key = key(event);
    let spent = known.item::<Map<String, Value>>(SPENT, &key);
    match spent.map_err(|e| Failure::permanent("the item can't be read").caused_by(e))? {
        Some(_) => Err(Failure::permanent("it was spent")),
        None => Ok(Work::did("spent").write(Write::put(SPENT, key, &json!({}), Only::IfAbsent))),
    }
}

fn key(event: &Event<OrderPlaced>) -> Key {
    Key::new("orderId", event.payload.order_id.as_str())
}
