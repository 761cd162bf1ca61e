//! A stream's field that can't be a text: the field is blamed.

#[fanfare_event::event(stream = "room-{rooms}", correlation = house)]
struct Measured {
    house: u32,
    rooms: Vec<u32>,
}

fn main() {}
