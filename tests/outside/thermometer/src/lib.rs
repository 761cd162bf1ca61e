//! Keeps the newest temperature of every room, whatever order the readings arrive in.

use fanfare::{Consumer, Event, Failure, Key, Only, Table, Work, Write};
use greenhouse_events::{RoomId, TemperatureMeasured};
use serde_json::json;

/// The rooms: key `room`.
pub const ROOMS: Table = Table::named_by("ROOMS_TABLE");

/// The consumer `thermometer`.
pub fn thermometer() -> Consumer<TemperatureMeasured> {
    Consumer::new("thermometer", keep).tables([ROOMS])
}

async fn keep(measured: Event<TemperatureMeasured>) -> Result<Work, Failure> {
    let measured_at = measured.timestamp.as_millisecond();
    let TemperatureMeasured { room, celsius } = measured.payload;
    let item = json!({ "celsius": celsius, "measuredAt": measured_at });
    let newest = Write::put(ROOMS, room_key(&room), &item, Only::IfNewer("measuredAt"));
    Ok(Work::did("kept")
        .write(newest)
        .otherwise(|_| Work::did("a newer temperature is known")))
}

/// A room's key.
pub fn room_key(room: &RoomId) -> Key {
    Key::new("room", room.as_str())
}
