//! Catalogues of nothing, and without a name.

#[fanfare_event::catalogue(HouseEvent)]
pub mod empty {
    pub struct Measured {
        pub room: u32,
    }
}

#[fanfare_event::catalogue]
pub mod nameless {}

fn main() {}
