//! What the consumer `applause` makes of MilestoneReached.

use applause::{APPLAUSE, applause};
use fanfare::testing::{event, given};
use fanfare::{Envelope, Key};
use serde_json::json;
use social_events::MilestoneReached;

fn reached(id: &str, followers: u64) -> Envelope {
    event(id, &MilestoneReached { author: "ada".to_owned(), followers })
}

#[test]
fn a_milestone_counts_once_however_often_it_arrives() {
    given(applause())
        .after(&reached("evt_1", 10))
        .after(&reached("evt_1", 10))
        .when(&reached("evt_2", 100))
        .then_did("applauded 100")
        .then_item(APPLAUSE, Key::new("author", "ada"), json!({ "times": 2 }));
}
