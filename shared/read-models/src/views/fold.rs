//! What an event changes in a generation: the one place that says so, for the live function and the rebuild.

use super::{CustomerName, GENERATION, Generation, OrderSummary};
use crate::order_facts::Status;
use event_schema::{Event, StoreEvent};
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
#[error("an item of the views is unreadable; `fanfare views rebuild` makes it anew")]
pub struct Unreadable(#[from] serde_json::Error);

/// Adds an event to the item of what it is about, as that lies in the generation's place. An item of another
/// generation counts as none.
///
/// # Errors
/// [`Unreadable`] when the item is malformed.
pub fn fold(
    item: Option<&Map<String, Value>>,
    generation: Generation,
    event: &Event<StoreEvent>,
) -> Result<Change, Unreadable> {
    let item = item.filter(|item| item.get(GENERATION) == Some(&generation.0.into()));
    match &event.payload {
        StoreEvent::CustomerRegistered(customer) => {
            name(item, generation, event, customer.name.clone())
        }
        StoreEvent::CustomerUpdated(customer) => {
            name(item, generation, event, customer.name.clone())
        }
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
