//! Writes down the last event of every customer, from a FIFO queue: the order of a group shows in what is there.

use event_schema::StoreEvent;
use fanfare::Event;
use fanfare::{Consumer, Failure, Key, Only, Table, Work, Write};
use serde_json::json;

const ORDERED: Table = Table::named_by("ORDERED_TABLE");

/// The consumer, which fails when `fails` says so.
pub(crate) fn ordering(fails: impl Fn() -> bool + Send + Sync + 'static) -> Consumer<StoreEvent> {
    Consumer::new("ordering", move |event: Event<StoreEvent>| {
        let work = match fails() {
            true => Err(Failure::retry("not in the mood")),
            false => decide(&event),
        };
        async { work }
    })
    .tables([ORDERED])
}

fn decide(event: &Event<StoreEvent>) -> Result<Work, Failure> {
    let customer = match &event.payload {
        StoreEvent::CustomerRegistered(customer) => &customer.customer_id,
        StoreEvent::CustomerUpdated(customer) => &customer.customer_id,
        _ => return Err(Failure::permanent("not a customer's event")),
    };
    let key = Key::new("customerId", customer.as_str());
    let last = json!({"version": event.version, "eventId": event.id.to_string()});
    Ok(Work::did("written down").write(Write::put(ORDERED, key, &last, Only::Always)))
}
