//! A handler that asks for more than it is given.

use fanfare::{Consumer, Event, Failure, Work};

#[fanfare::event(stream = "room-{room}", correlation = room)]
pub struct TemperatureMeasured {
    pub room: String,
}

async fn watch(_: Event<TemperatureMeasured>, _: u64) -> Result<Work, Failure> {
    Ok(Work::did("watched"))
}

fn main() {
    drop(Consumer::new("heat", watch));
}
