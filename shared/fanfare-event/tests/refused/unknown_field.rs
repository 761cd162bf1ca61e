//! A stream names a field that the event does not have.

#[fanfare_event::event(stream = "room-{rom}", correlation = room)]
struct Measured {
    room: u32,
    celsius: f64,
}

fn main() {}
