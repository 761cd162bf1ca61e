//! What the tests of groups and refusals are about: attempts and decided cases, made short.

use crate::attempt::Attempt;
use crate::case::Case;
use crate::guard::Guard;
use crate::message::Message;
use crate::ready::{Ready, Stage};
use crate::{Key, Table, Work, Write};
use fanfare_event::{Envelope, EventType, Timestamp};
use serde::{Deserialize, Serialize};
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
        is_marked: false,
    }
}

/// A decided case of an event, whose message has the same id.
pub(crate) fn ready(event_id: &str, work: Work) -> Ready {
    let case = Case::new(message(event_id, String::new()), attempt(event_id));
    Ready::new(case, work, Guard::Unclaimed, Stage::NoEffect)
}

/// An event: a bell rang. The bell's name is the stream's.
#[derive(Serialize, Deserialize)]
pub(crate) struct Rang {
    pub(crate) bell: String,
}

impl EventType for Rang {
    const TYPE: &'static str = "Rang";
    const VERSION: u32 = 1;

    fn stream(&self) -> String {
        self.bell.clone()
    }

    fn correlation_id(&self) -> String {
        self.bell.clone()
    }
}

/// Takes `quantity` of a SKU, if there is that much.
pub(crate) fn take_stock(sku: &str, quantity: i64) -> Write {
    Write::count(STOCK, Key::new("sku", sku))
        .at_least("available", quantity)
        .add("available", -quantity)
}
