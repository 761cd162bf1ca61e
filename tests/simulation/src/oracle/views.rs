//! Views: what is shown is what the event store says, folded anew, and the counts are counts of orders.

use crate::cloud::Cloud;
use crate::oracle::letters::Usurped;
use crate::oracle::lives::Life;
use crate::oracle::streams::Streams;
use crate::tables::{self, VIEWS, number, text};
use crate::tampering::TAMPERED_BY;
use event_schema::StoreEvent;
use fanfare::{Envelope, Event};
use read_models::order_facts::Status;
use read_models::views::{Generation, PK, REVISION, SK, Thing, fold};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

type Items = BTreeMap<String, Map<String, Value>>;

pub(crate) fn check(cloud: &Cloud, streams: &Streams, lives: &[Life<'_>], usurped: &Usurped) {
    let (should, mut found) = (folded(streams, usurped), shown(cloud));
    let counts = found.remove("counts").unwrap_or_default();
    for (thing, item) in &should {
        if found.get(thing) != Some(item) {
            let (item, found) = (json!(item), json!(found.get(thing)));
            cloud.history.violation(format!("{thing} should be shown as {item}, not as {found}"));
        }
    }
    if found.len() != should.len() {
        cloud.history.violation(format!("{} views of {} things", found.len(), should.len()));
    }
    for status in Status::ALL {
        let orders = lives.iter().filter(|life| status_of(life) == status).count();
        let counted = counts.get(status.as_str()).and_then(Value::as_u64).unwrap_or(0);
        if counted != orders as u64 {
            cloud.history.violation(format!("{orders} orders are {status}, and counted {counted}"));
        }
    }
}

/// How far an order is, by the furthest of its events.
fn status_of(life: &Life<'_>) -> Status {
    let reached = [
        ("OrderShipped", Status::Shipped),
        ("OrderCancelled", Status::Cancelled),
        ("OrderConfirmed", Status::Confirmed),
        ("PaymentProcessed", Status::Paid),
        ("InventoryReserved", Status::Reserved),
    ];
    let furthest = reached.into_iter().find(|(event, _)| life.has(event));
    furthest.map_or(Status::Placed, |(_, status)| status)
}

/// The views as the events make them, whatever their order was.
fn folded(streams: &Streams, usurped: &Usurped) -> Items {
    let mut items = Items::new();
    let is_known = |event: &&Value| {
        StoreEvent::TYPES.iter().any(|event_type| event["eventType"] == *event_type)
    };
    for envelope in streams.values().flatten().filter(is_known) {
        let mut envelope = envelope.clone();
        let id = envelope["eventId"].as_str().unwrap_or_default().to_owned();
        if usurped.contains(&("views", id)) {
            let total = envelope["payload"]["totalAmount"].as_u64().unwrap_or(0);
            envelope["payload"]["totalAmount"] = (total + TAMPERED_BY).into();
        }
        let envelope = Envelope::from_json(&envelope.to_string()).expect("an envelope");
        let event = Event::<StoreEvent>::from_envelope(&envelope).expect("an event of the store");
        let thing = Thing::of(&event.payload).pk();
        let change = fold(items.get(&thing), Generation::FIRST, &event).expect("a readable item");
        if let Some(item) = change.item {
            items.insert(thing, item);
        }
    }
    items
}

/// The views as they are in the table.
fn shown(cloud: &Cloud) -> Items {
    let mut items = Items::new();
    for item in tables::scan(&cloud.database, VIEWS) {
        let fields = item.as_object().into_iter().flatten();
        let kept = [PK, SK, REVISION, "appended"];
        let fields = fields.filter(|(name, _)| !kept.contains(&name.as_str()));
        let fields = fields.map(|(name, value)| (name.clone(), plain(value)));
        let fields = fields.collect();
        if number(&item, REVISION).is_none() && text(&item, PK) != "counts" {
            cloud.history.violation(format!("a view without a revision: {item}"));
        }
        items.insert(text(&item, PK).to_owned(), fields);
    }
    items
}

/// A value of DynamoDB's as plain JSON.
fn plain(value: &Value) -> Value {
    let Some((kind, value)) = value.as_object().and_then(|value| value.iter().next()) else {
        return Value::Null;
    };
    match (kind.as_str(), value) {
        ("N", Value::String(number)) => serde_json::from_str(number).unwrap_or_default(),
        ("L", Value::Array(values)) => values.iter().map(plain).collect(),
        ("M", Value::Object(fields)) => {
            fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect()
        }
        ("NULL", _) => Value::Null,
        _ => value.clone(),
    }
}
