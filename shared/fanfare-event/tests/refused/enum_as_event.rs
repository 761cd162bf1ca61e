//! Several events in one.

#[fanfare_event::event(stream = "room-{room}", correlation = room)]
enum Measured {
    Celsius { room: u32 },
    Fahrenheit { room: u32 },
}

fn main() {}
