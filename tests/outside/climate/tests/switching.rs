//! When a room's air conditioner is switched.

use fanfare::Envelope;
use fanfare::testing::{event, given};
use greenhouse_events::{AcSwitched, RoomId, TemperatureMeasured};

fn attic() -> RoomId {
    RoomId::new("attic").expect("a valid id")
}

fn measured(id: &str, celsius: f64) -> Envelope {
    event(id, &TemperatureMeasured { room: attic(), celsius })
}

#[test]
fn a_warm_room_is_cooled_and_a_cool_one_is_not_each_reading_on_the_same_stream() {
    given(climate::climate())
        .when(&measured("evt_1", 31.0))
        .then_did("switched on")
        .when(&measured("evt_2", 19.5))
        .then_did("switched off")
        .then_announced_exactly(&[
            AcSwitched { room: attic(), on: true },
            AcSwitched { room: attic(), on: false },
        ])
        .then_stream("ac-attic", 2);
}

#[test]
fn a_reading_that_arrives_twice_switches_once() {
    given(climate::climate())
        .when(&measured("evt_1", 31.0))
        .then_did("switched on")
        .when(&measured("evt_1", 31.0))
        .then_did("")
        .then_stream("ac-attic", 1);
}
