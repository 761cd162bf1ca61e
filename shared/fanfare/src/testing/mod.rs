//! The given/when/then kit for handlers: no AWS, no I/O, tables in memory.
//!
//! [`given`] a consumer, with the items that its tables hold and the events that it has heard, [`when`](Given::when) an
//! event is delivered, [then](When) it did so, or failed so, and what there is now can be looked at. The handler's work is
//! applied all or nothing, once for each event id, by the same rules as the runtime does on DynamoDB.
//!
//! ```
//! use fanfare::testing::{event, given};
//! use fanfare::{Consumer, Event, Failure, Key, Table, Work, Write};
//! use serde_json::json;
//!
//! #[fanfare::event(stream = "room-{room}", correlation = room)]
//! pub struct TemperatureMeasured {
//!     pub room: String,
//!     pub celsius: i64,
//! }
//!
//! const ROOMS: Table = Table::named_by("ROOMS_TABLE");
//!
//! async fn count(measured: Event<TemperatureMeasured>) -> Result<Work, Failure> {
//!     let room = Key::new("room", measured.payload.room);
//!     Ok(Work::did("counted").write(Write::count(ROOMS, room).add("measured", 1)))
//! }
//!
//! let measured = |id| event(id, &TemperatureMeasured { room: "attic".to_owned(), celsius: 31 });
//! let attic = || Key::new("room", "attic");
//!
//! given(Consumer::new("counting", count).tables([ROOMS]))
//!     .item(ROOMS, attic(), json!({"measured": 7}))
//!     .when(&measured("evt_1"))
//!     .then_did("counted")
//!     .then_item(ROOMS, attic(), json!({"measured": 8}))
//!     .when(&measured("evt_1"))
//!     .then_did("") // It was heard before.
//!     .then_item(ROOMS, attic(), json!({"measured": 8}));
//! ```

mod steps;
mod world;

pub use steps::{Given, Then, When, given};

use crate::decode;
use fanfare_event::{Envelope, EventId, EventType, SchemaError, Timestamp};

/// An event as it would arrive: `payload` under the id `id`, on 15 January 2024.
///
/// # Panics
/// When the id is malformed or the payload has no JSON form, which ends the test.
pub fn event<E: EventType>(id: &str, payload: &E) -> Envelope {
    let id = expect(EventId::new(id), "a valid event id");
    let at = expect("2024-01-15T10:30:00Z".parse::<Timestamp>(), "a valid timestamp");
    expect(Envelope::wrap(payload, id, at), "a payload with a JSON form")
}

/// Reads a message's body as the runtime does: an envelope as it is, or in SNS's notification of it.
///
/// # Errors
/// [`SchemaError::Envelope`] when it is neither.
pub fn from_body(body: &str) -> Result<Envelope, SchemaError> {
    decode::envelope(body)
}

#[track_caller]
#[allow(clippy::panic, reason = "a test that is set up wrongly should end there")]
fn expect<T, E: std::fmt::Debug>(result: Result<T, E>, what: &str) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("expected {what}: {error:?}"),
    }
}
