//! An event with type parameters.

#[fanfare_event::event(stream = "room-{room}", correlation = room)]
struct Measured<T> {
    room: u32,
    value: T,
}

fn main() {}
