//! Envelopes: `Envelope::from_json`, and the payload of every event type.

use crate::corpus::samples;
use crate::memory::Budget;
use crate::mutant::Mutant;
use event_schema::{
    CustomerRegistered, CustomerUpdated, InventoryReservationFailed, InventoryReserved,
    OrderPlaced, ShipmentPrepared, StoreEvent,
};
use fanfare::{Envelope, Event, EventType};
use std::fmt::Debug;

/// The densest input is a list of one-letter SKUs: 4 bytes each, which become 24 bytes in a list and one on the
/// heap, and a list that grows is there twice, in its old and in its double size.
pub(crate) const BUDGET: Budget = Budget { fixed: 4096, per_byte: 24 };

#[test]
fn the_corpus() {
    for sample in samples("envelopes") {
        println!("{}", sample.name);
        holds(&String::from_utf8_lossy(&sample.bytes));
    }
}

#[test]
fn mutants() {
    let samples = samples("envelopes");
    bolero::check!().with_type::<Mutant>().for_each(|mutant| holds(&mutant.text(&samples)));
}

/// All that must hold of a text that claims to be an envelope.
fn holds(json: &str) {
    let envelope = BUDGET.hold(json.len(), || Envelope::from_json(json));
    let Ok(envelope) = envelope else { return };
    reads_back(&envelope);
    drop(BUDGET.hold(json.len(), || Event::<StoreEvent>::from_envelope(&envelope)));
    wraps_back::<CustomerRegistered>(&envelope);
    wraps_back::<CustomerUpdated>(&envelope);
    wraps_back::<OrderPlaced>(&envelope);
    wraps_back::<InventoryReserved>(&envelope);
    wraps_back::<InventoryReservationFailed>(&envelope);
    wraps_back::<ShipmentPrepared>(&envelope);
}

/// What was read is written as an envelope that reads the same.
pub(crate) fn reads_back(envelope: &Envelope) {
    let json = envelope.to_json().expect("what was read can be written");
    let again = Envelope::from_json(&json).expect("what was written can be read");
    assert_eq!(again.to_json().expect("it can be written again"), json);
    assert_eq!(again.timestamp, envelope.timestamp);
    let event = Event::<StoreEvent>::from_envelope(envelope).map_err(|e| e.to_string());
    let same = Event::<StoreEvent>::from_envelope(&again).map_err(|e| e.to_string());
    assert_eq!(same, event);
}

/// A payload that was read is written as one that reads the same.
fn wraps_back<P: EventType + PartialEq + Debug>(envelope: &Envelope) {
    let Ok(event) = Event::<P>::from_envelope(envelope) else { return };
    let wrapped = Envelope::wrap(&event.payload, event.id.clone(), event.timestamp);
    let again = Event::<P>::from_envelope(&wrapped.expect("what was read can be wrapped"));
    assert_eq!(again.expect("what was wrapped can be read"), Event { version: None, ..event });
}
