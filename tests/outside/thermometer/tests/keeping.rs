//! The newest temperature is kept, whatever order the readings arrive in.

use fanfare::testing::{event, given};
use fanfare::{Envelope, Timestamp};
use greenhouse_events::{RoomId, TemperatureMeasured};
use serde_json::json;
use thermometer::{ROOMS, room_key, thermometer};

fn attic() -> RoomId {
    RoomId::new("attic").expect("a valid id")
}

fn measured(id: &str, at: i64, celsius: f64) -> Envelope {
    let timestamp = Timestamp::from_millisecond(at).expect("a valid time");
    let reading = TemperatureMeasured { room: attic(), celsius };
    Envelope { timestamp, ..event(id, &reading) }
}

#[test]
fn an_older_reading_that_arrives_late_changes_nothing() {
    given(thermometer())
        .when(&measured("evt_2", 2_000, 19.5))
        .then_did("kept")
        .when(&measured("evt_1", 1_000, 31.0))
        .then_did("a newer temperature is known")
        .then_item(ROOMS, room_key(&attic()), json!({"celsius": 19.5, "measuredAt": 2_000}));
}
