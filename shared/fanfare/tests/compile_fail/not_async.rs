//! A handler that is not async.

use fanfare::{Consumer, Event, Failure, Work};

#[fanfare::event(stream = "room-{room}", correlation = room)]
pub struct TemperatureMeasured {
    pub room: String,
}

fn watch(_: Event<TemperatureMeasured>) -> Result<Work, Failure> {
    Ok(Work::did("watched"))
}

fn main() {
    drop(Consumer::new("heat", watch));
}
