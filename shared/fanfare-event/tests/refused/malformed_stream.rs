//! Streams whose names could not be keys, or whose braces do not match.

#[fanfare_event::event(stream = "room#{room}", correlation = room)]
struct Separator {
    room: u32,
}

#[fanfare_event::event(stream = "room-{room", correlation = room)]
struct Open {
    room: u32,
}

#[fanfare_event::event(stream = "room-{room:04}", correlation = room)]
struct Formatted {
    room: u32,
}

#[fanfare_event::event(stream = "", correlation = room)]
struct Empty {
    room: u32,
}

fn main() {}
