//! What an event changes in a generation: the one place that says so, for the live function and the rebuild.

use super::{CustomerName, GENERATION, Generation, OrderSummary};
use crate::order_facts::Status;
use event_schema::StoreEvent;
use fanfare::Event;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What an event changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// The item of what the event is about, if it is another one now.
    pub item: Option<Map<String, Value>>,
    /// What the counts change by, none of it 0.
    pub counts: Vec<(Status, i64)>,
    /// The order's status now, if the event is about one that is placed.
    pub status: Option<Status>,
}

/// An item that says it is of a generation and is not what that generation's items are.
#[derive(Debug, thiserror::Error)]
#[error("an item of the views is unreadable; `fanfare store views rebuild` makes it anew")]
pub struct Unreadable(#[from] serde_json::Error);

/// Adds an event to the item of what it is about, as that lies in the generation's place. An item of an older
/// generation counts as none. One of a newer generation stays: who adds to this one is late, nobody reads it any
/// more, and the newer one has the event from the event store.
///
/// # Errors
/// [`Unreadable`] when the item is malformed.
pub fn fold(
    item: Option<&Map<String, Value>>,
    generation: Generation,
    event: &Event<StoreEvent>,
) -> Result<Change, Unreadable> {
    let of = item.and_then(|item| item.get(GENERATION)?.as_u64());
    if of.is_some_and(|of| of > generation.0) {
        return Ok(Change::default());
    }
    let item = item.filter(|_| of == Some(generation.0));
    match &event.payload {
        StoreEvent::CustomerRegistered(customer) => {
            name(item, generation, event, customer.name.clone())
        }
        StoreEvent::CustomerUpdated(customer) => {
            name(item, generation, event, customer.name.clone())
        }
        StoreEvent::StockAdjusted(_) => Ok(Change::default()),
        _ => summary(item, generation, event),
    }
}

fn summary(
    item: Option<&Map<String, Value>>,
    generation: Generation,
    event: &Event<StoreEvent>,
) -> Result<Change, Unreadable> {
    let known: Option<OrderSummary> = read(item)?;
    let before = known.map(|summary| summary.facts);
    let mut facts = before.clone().unwrap_or_default();
    facts.add(event);
    let (from, to) = (before.as_ref().and_then(|facts| facts.status()), facts.status());
    if before.as_ref() == Some(&facts) {
        return Ok(Change { status: to, ..Change::default() });
    }
    let counts = match from == to {
        true => Vec::new(),
        false => {
            let (from, to) = (from.map(|status| (status, -1)), to.map(|status| (status, 1)));
            from.into_iter().chain(to).collect()
        }
    };
    Ok(Change { item: Some(write(&OrderSummary::of(generation, facts))?), counts, status: to })
}

fn name(
    item: Option<&Map<String, Value>>,
    generation: Generation,
    event: &Event<StoreEvent>,
    name: String,
) -> Result<Change, Unreadable> {
    let known: Option<CustomerName> = read(item)?;
    let (version, at) = (event.version.unwrap_or(0), event.timestamp);
    if known.is_some_and(|known| (known.version, known.at) >= (version, at)) {
        return Ok(Change::default());
    }
    let item = write(&CustomerName { generation, name, version, at })?;
    Ok(Change { item: Some(item), ..Change::default() })
}

fn read<T: DeserializeOwned>(item: Option<&Map<String, Value>>) -> Result<Option<T>, Unreadable> {
    Ok(item.map(|item| serde_json::from_value(Value::Object(item.clone()))).transpose()?)
}

fn write(item: &impl Serialize) -> Result<Map<String, Value>, Unreadable> {
    Ok(serde_json::from_value(serde_json::to_value(item)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fanfare::Envelope;
    use serde_json::json;

    #[test]
    fn who_is_late_leaves_a_newer_generation_alone() {
        let envelope = json!({
            "eventType": "CustomerRegistered", "eventId": "evt_1", "timestamp": "2024-01-15T10:30:00Z",
            "payload": {"customerId": "cust_1", "name": "Ada", "email": "ada@example.com"}
        });
        let envelope = Envelope::from_json(&envelope.to_string()).expect("an envelope");
        let event = Event::from_envelope(&envelope).expect("an event");
        let added = |of: u64| {
            let item = json!({"generation": of, "name": "Grace", "version": 0, "at": "2024-01-01T00:00:00Z"});
            let change = fold(item.as_object(), Generation(3), &event).expect("a readable item");
            change.item.map(|item| (item["generation"].clone(), item["name"].clone()))
        };
        let ada = Some((json!(3), json!("Ada")));
        assert_eq!(added(1), ada);
        assert_eq!(added(3), ada);
        assert_eq!(added(5), None);
    }
}
