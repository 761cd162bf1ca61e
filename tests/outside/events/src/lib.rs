//! The events of a greenhouse.

fanfare::id!(RoomId, "room", "room", "Identifies a room.");

/// Every event; `GreenhouseEvent` is any of them.
#[fanfare::catalogue(GreenhouseEvent)]
pub mod events {
    use super::RoomId;

    /// A room's temperature was measured.
    #[event(stream = "room-{room}", correlation = room)]
    pub struct TemperatureMeasured {
        /// The room.
        pub room: RoomId,
        /// The temperature, in degrees Celsius.
        pub celsius: f64,
    }

    /// A room's air conditioner was switched on or off.
    #[event(stream = "ac-{room}", correlation = room)]
    pub struct AcSwitched {
        /// The room.
        pub room: RoomId,
        /// Whether it runs from now on.
        pub on: bool,
    }
}

pub use events::*;
