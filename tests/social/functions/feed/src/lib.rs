//! The consumer `feed`: keeps an author's newest post.

use fanfare::{Consumer, Event, Failure, Key, Only, Table, Work, Write};
use serde_json::json;
use social_events::Posted;

/// What is kept, by `author`.
pub const POSTS: Table = Table::named_by("POSTS_TABLE");

/// The longest post, in characters.
const LONGEST: usize = 500;

/// The consumer `feed`.
pub fn feed() -> Consumer<Posted> {
    Consumer::new("feed", handle).tables([POSTS])
}

/// Keeps the newest of each author, whatever order they arrive in. What is too long will never be right: it goes to the
/// dead-letter queue at once.
async fn handle(event: Event<Posted>) -> Result<Work, Failure> {
    let at = event.timestamp.as_millisecond();
    let Posted { author, post, text } = event.payload;
    if text.chars().count() > LONGEST {
        return Err(Failure::permanent(format!("a post has {LONGEST} characters at the most")));
    }
    let newest = json!({ "post": post, "text": text, "at": at });
    let newest = Write::put(POSTS, Key::new("author", author), &newest, Only::IfNewer("at"));
    Ok(Work::did("kept").write(newest).otherwise(|_| Work::did("a newer one is known")))
}
