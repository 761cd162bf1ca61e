//! What the consumer `audience` makes of Followed.

use audience::{AUTHORS, FOLLOWS, audience};
use fanfare::testing::{Given, event, given};
use fanfare::{Envelope, Key};
use serde_json::json;
use social_events::{Followed, MilestoneReached};

fn followed(id: &str, follower: &str) -> Envelope {
    let (author, follower) = ("ada".to_owned(), follower.to_owned());
    event(id, &Followed { author, follower })
}

fn ada() -> Key {
    Key::new("author", "ada")
}

#[test]
fn who_follows_twice_is_one_in_however_many_events() {
    given(audience())
        .after(&followed("evt_1", "bob"))
        .after(&followed("evt_1", "bob"))
        .when(&followed("evt_2", "bob"))
        .then_did("follows already")
        .then_item(FOLLOWS, ada().and("follower", "bob"), json!({}))
        .then_announced_exactly::<MilestoneReached>(&[]);
}

#[test]
fn the_tenth_follower_is_announced_and_neither_the_ninth_nor_the_eleventh() {
    let follow = |world: Given<_, _>, n: u32| {
        world.after(&followed(&format!("evt_{n}"), &format!("follower-{n}")))
    };
    let nine = (1..=9).fold(given(audience()), follow).so_far();
    let ten = nine
        .then_announced_exactly::<MilestoneReached>(&[])
        .when(&followed("evt_10", "follower-10"))
        .then_did("10 follow");

    let eleven = ten.when(&followed("evt_11", "follower-11")).then_did("11 follow");

    // Announced once, by the tenth.
    let milestone = MilestoneReached { author: "ada".to_owned(), followers: 10 };
    let eleven = eleven.then_announced_exactly(&[milestone]);
    assert_eq!(eleven.number(AUTHORS, ada(), "followers"), 11);
}
