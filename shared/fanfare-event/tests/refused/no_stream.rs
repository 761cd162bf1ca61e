//! An event that says nothing of its stream.

#[fanfare_event::event(correlation = room_id)]
struct Measured {
    room_id: u32,
}

fn main() {}
