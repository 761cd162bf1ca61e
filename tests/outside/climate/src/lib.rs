//! Switches the air conditioner of a room that is too warm: what it decides is an event on a stream that grows.

use fanfare::{Consumer, Event, Failure, Work};
use greenhouse_events::{AcSwitched, TemperatureMeasured};

/// From this temperature on, in degrees Celsius, a room is cooled.
const TOO_WARM: f64 = 28.0;

/// The consumer `climate`.
pub fn climate() -> Consumer<TemperatureMeasured> {
    Consumer::new("climate", switch).announces::<AcSwitched>()
}

async fn switch(measured: Event<TemperatureMeasured>) -> Result<Work, Failure> {
    let TemperatureMeasured { room, celsius } = measured.payload;
    if !celsius.is_finite() {
        return Err(Failure::permanent("celsius is no temperature"));
    }
    let on = celsius >= TOO_WARM;
    Ok(Work::did(if on { "switched on" } else { "switched off" }).announce(&AcSwitched { room, on }))
}
