//! Two events of one name on the wire; both mistakes of the module are told.

#[fanfare_event::catalogue(HouseEvent)]
pub mod events {
    #[event(stream = "room-{room}", correlation = room)]
    pub struct Measured {
        pub room: u32,
    }

    #[event(name = "Measured", stream = "room-{room}", correlation = room)]
    pub struct MeasuredAgain {
        pub room: u32,
    }

    #[event(stream = "room-{room}")]
    pub struct Heated {
        pub room: u32,
    }
}

fn main() {}
