//! The correlation is no field.

#[fanfare_event::event(stream = "room-{room}", correlation = house)]
struct Measured {
    room: u32,
    celsius: f64,
}

fn main() {}
