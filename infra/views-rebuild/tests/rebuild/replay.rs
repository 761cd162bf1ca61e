//! Stored events that are replayed to the views, by force too: a fact counts once.

use crate::support::{Past, expected, past};
use fanfare_event_store::Filter;
use fanfare_operate::Stop;
use fanfare_replay::{Force, Replay, Replayed, Stack};
use std::collections::BTreeSet;

impl Past {
    async fn replay(&self, force: Option<Force>) -> Replayed {
        let replay = Replay {
            consumer: "views".to_owned(),
            filter: Filter::default(),
            correlation_id: None,
            dry_run: false,
            rate: None,
            force,
            resume: None,
        };
        let stack = Stack::at(self.connection.clone());
        stack.replay(&replay, &(), &Stop::default()).await.unwrap()
    }

    /// The bodies of all messages of the views' queue, which are then in flight.
    async fn bodies(&self) -> Vec<String> {
        let mut all = Vec::new();
        loop {
            let receive = self.sqs.receive_message().queue_url(self.url("ViewsQueue"));
            let receive = receive.max_number_of_messages(10);
            let messages = receive.send().await.unwrap().messages.unwrap_or_default();
            if messages.is_empty() {
                return all;
            }
            all.extend(messages.into_iter().filter_map(|message| message.body));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn views_that_missed_everything_are_whole_after_a_replay() {
    let stack = Past::start().await;
    let events = past(8);
    stack.happened(&events).await;

    stack.replay(None).await;
    stack.delivered(stack.bodies().await.into_iter()).await;

    assert_eq!(stack.shown().await, expected(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_by_force_changes_nothing_of_what_is_shown() {
    let stack = Past::start().await;
    let events = past(2);
    stack.happened(&events).await;
    stack.heard(&events[..3]).await;

    let total = stack.replay(Some(Force::named("r1").unwrap())).await.total();
    stack.delivered(stack.bodies().await.into_iter()).await;

    assert_eq!((total.forced, total.fresh, total.applied), (3, events.len() as u64 - 3, 0));
    assert_eq!(stack.shown().await, expected(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_by_force_that_is_run_again_sends_the_same_events_again() {
    let stack = Past::start().await;
    let events = past(2);
    stack.happened(&events).await;
    stack.heard(&events).await;
    let force = || Some(Force::named("r1").unwrap());

    stack.replay(force()).await;
    let first: BTreeSet<String> = stack.bodies().await.into_iter().collect();
    stack.delivered(first.iter().cloned()).await;
    let applied = stack.items("LedgerTable").await.len();
    stack.replay(force()).await;
    let second: BTreeSet<String> = stack.bodies().await.into_iter().collect();
    stack.delivered(second.iter().cloned()).await;

    assert_eq!(second, first);
    assert_eq!(
        (stack.items("LedgerTable").await.len(), applied),
        (2 * events.len(), 2 * events.len())
    );
}
