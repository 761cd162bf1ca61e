//! The declaration decides how fields are written.

#[fanfare_event::event(stream = "room-{room}", correlation = room)]
#[serde(rename_all = "snake_case")]
struct Measured {
    room: u32,
}

fn main() {}
