//! A handler that takes what is no event.

use fanfare::{Consumer, Event, Failure, Work};

pub struct Temperature {
    pub celsius: i64,
}

async fn watch(_: Event<Temperature>) -> Result<Work, Failure> {
    Ok(Work::did("watched"))
}

fn main() {
    drop(Consumer::new("heat", watch));
}
