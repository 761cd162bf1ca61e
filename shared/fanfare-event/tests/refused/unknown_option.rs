//! Options that there are not, or that say nothing.

#[fanfare_event::event(steam = "room-{room}", correlation = room)]
struct Misspelt {
    room: u32,
}

#[fanfare_event::event(stream = room, correlation = room)]
struct NoText {
    room: u32,
}

#[fanfare_event::event(stream = "room-{room}", correlation = room, version = 0)]
struct NoVersion {
    room: u32,
}

#[fanfare_event::event(stream = "room-{room}", correlation = room, name = "room measured")]
struct NoName {
    room: u32,
}

#[fanfare_event::event(stream = "room-{room}", stream = "room", correlation = room)]
struct Twice {
    room: u32,
}

fn main() {}
