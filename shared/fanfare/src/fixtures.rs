//! What the tests of groups and refusals are about: attempts and members, made short.

use crate::attempt::Attempt;
use crate::group::Member;
use crate::message::Message;
use crate::transaction::Guard;
use crate::{Key, Table, Work, Write};
use fanfare_event::{Envelope, Timestamp};
use std::collections::HashMap;

pub(crate) const STOCK: Table = Table::named_by("STOCK_TABLE");

pub(crate) fn attempt(event_id: &str) -> Attempt {
    let json = format!(
        r#"{{"eventType":"T","eventId":"{event_id}","timestamp":"2024-01-15T10:30:00Z","payload":{{}}}}"#
    );
    let message = message(event_id, json.clone());
    let envelope = Envelope::from_json(&json).expect("an envelope");
    Attempt::start("test", &message, envelope, Timestamp::UNIX_EPOCH)
}

pub(crate) fn message(id: &str, body: String) -> Message {
    Message {
        id: id.to_owned(),
        receipt_handle: String::new(),
        body,
        attributes: HashMap::new(),
        receive_count: 1,
        first_received_at: None,
        group: None,
    }
}

pub(crate) fn member(place: usize, attempt: &Attempt, work: Work) -> Member<'_> {
    Member { place, attempt, work, guard: Guard::Unclaimed, conflicts: 0 }
}

/// Takes `quantity` of a SKU, if there is that much.
pub(crate) fn take_stock(sku: &str, quantity: i64) -> Write {
    Write::count(STOCK, Key::new("sku", sku))
        .at_least("available", quantity)
        .add("available", -quantity)
}
