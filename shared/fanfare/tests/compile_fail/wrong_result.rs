//! A handler that ends with something else than work.

use fanfare::{Consumer, Event, Failure, Work};

#[fanfare::event(stream = "room-{room}", correlation = room)]
pub struct TemperatureMeasured {
    pub room: String,
}

async fn watch(_: Event<TemperatureMeasured>) -> Result<String, Failure> {
    Ok("watched".to_owned())
}

fn main() {
    drop(Consumer::new("heat", watch));
    let _: Option<Work> = None;
}
