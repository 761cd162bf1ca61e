//! An event that does not say what it is about.

#[fanfare_event::event(stream = "room-{room_id}")]
struct Measured {
    room_id: u32,
}

fn main() {}
