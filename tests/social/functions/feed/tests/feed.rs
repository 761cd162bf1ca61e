//! What the consumer `feed` makes of Posted.

use fanfare::testing::{event, given};
use fanfare::{Envelope, Key, Timestamp};
use feed::{POSTS, feed};
use serde_json::json;
use social_events::Posted;

fn posted(id: &str, second: i64, text: &str) -> Envelope {
    let (author, post) = ("ada".to_owned(), format!("post-{second}"));
    let timestamp = Timestamp::from_second(second).expect("a time");
    Envelope { timestamp, ..event(id, &Posted { author, post, text: text.to_owned() }) }
}

#[test]
fn the_newest_post_is_kept_whichever_arrives_last() {
    given(feed())
        .after(&posted("evt_2", 20, "later"))
        .when(&posted("evt_1", 10, "earlier"))
        .then_did("a newer one is known")
        .then_item(
            POSTS,
            Key::new("author", "ada"),
            json!({ "post": "post-20", "text": "later", "at": 20_000 }),
        );
}

#[test]
fn what_is_too_long_will_never_be_right() {
    given(feed())
        .when(&posted("evt_1", 1, &"x".repeat(501)))
        .then_failed(true, "a post has 500 characters at the most");
}
