//! Events without named fields.

#[fanfare_event::event(stream = "room", correlation = room)]
struct Tuple(u32);

#[fanfare_event::event(stream = "room", correlation = room)]
struct Unit;

fn main() {}
