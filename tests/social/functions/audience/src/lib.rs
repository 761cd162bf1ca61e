//! The consumer `audience`: counts who follows an author, and announces each time they are ten times as many.

use fanfare::{Consumer, Event, Failure, Key, Only, State, Table, Work, Write};
use serde::{Deserialize, Serialize};
use serde_json::json;
use social_events::{Followed, MilestoneReached};

/// How many follow, by `author`.
pub const AUTHORS: Table = Table::named_by("AUTHORS_TABLE");
/// Who follows whom, by `author` and `follower`.
pub const FOLLOWS: Table = Table::named_by("FOLLOWS_TABLE");

/// What is known of one author.
#[derive(Default, Serialize, Deserialize)]
struct Audience {
    followers: u64,
}

/// The consumer `audience`.
pub fn audience() -> Consumer<Followed> {
    Consumer::reading("audience", |event| vec![(AUTHORS, author(event))], handle)
        .sequential_by(|event| event.payload.author.clone())
        .tables([AUTHORS, FOLLOWS])
        .announces::<MilestoneReached>()
}

fn author(event: &Event<Followed>) -> Key {
    Key::new("author", event.payload.author.as_str())
}

/// Counts a follower. Who follows twice is one, in however many events that is said.
async fn handle(event: Event<Followed>, known: State) -> Result<Work, Failure> {
    let memory = known.recall::<Audience>(AUTHORS, author(&event))?;
    let follows = author(&event).and("follower", event.payload.follower);
    let followers = memory.state.as_ref().map_or(0, |known| known.followers) + 1;
    let work = Work::did(format!("{followers} follow"))
        .write(Write::put(FOLLOWS, follows, &json!({}), Only::IfAbsent))
        .remember(&memory, &Audience { followers })
        .otherwise(|_| Work::did("follows already"));
    let author = event.payload.author;
    Ok(match is_milestone(followers) {
        true => work.announce(&MilestoneReached { author, followers }),
        false => work,
    })
}

/// Whether it is 10, 100, 1,000 and so on.
fn is_milestone(followers: u64) -> bool {
    followers >= 10 && followers == 10_u64.pow(followers.ilog10())
}
