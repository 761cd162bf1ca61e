//! The consumer `applause`: counts an author's milestones.

use fanfare::{Consumer, Event, Failure, Key, Table, Work, Write};
use social_events::MilestoneReached;

/// How often an author was applauded, by `author`.
pub const APPLAUSE: Table = Table::named_by("APPLAUSE_TABLE");

/// The consumer `applause`.
pub fn applause() -> Consumer<MilestoneReached> {
    Consumer::new("applause", handle).tables([APPLAUSE])
}

/// A milestone counts once, however often its event arrives.
async fn handle(event: Event<MilestoneReached>) -> Result<Work, Failure> {
    let MilestoneReached { author, followers } = event.payload;
    let count = Write::count(APPLAUSE, Key::new("author", author)).add("times", 1);
    Ok(Work::did(format!("applauded {followers}")).write(count))
}
