//! A handler that announces what is no event.

use fanfare::{Consumer, Event, Failure, Work};

#[fanfare::event(stream = "room-{room}", correlation = room)]
pub struct TemperatureMeasured {
    pub room: String,
}

#[derive(serde::Serialize)]
struct Heat;

async fn watch(_: Event<TemperatureMeasured>) -> Result<Work, Failure> {
    Ok(Work::did("watched").announce(&Heat))
}

fn main() {
    drop(Consumer::new("heat", watch));
}
