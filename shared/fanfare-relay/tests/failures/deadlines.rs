//! The relay ends within its invocation, and what it published until then is not published again.

use crate::aws::{Aws, Behaviour};
use crate::batches::{batch, relayed};
use std::time::{Duration, Instant};

#[tokio::test]
async fn no_round_is_begun_that_could_not_end_and_the_first_unsent_is_reported() {
    // Two rounds fit, and a third can't.
    const TIME: Duration = Duration::from_millis(850);
    let delay = Duration::from_millis(300);
    let aws = Aws::start(Behaviour { delay, ..Behaviour::default() }).await;
    let messages: Vec<_> = (1..=20).map(|n| n.to_string()).collect();
    let one_stream: Vec<_> = messages.iter().map(|message| ("a", message.as_str())).collect();
    let begun = Instant::now();

    let unsent = relayed(&aws, batch(&one_stream), TIME).await;

    assert!(begun.elapsed() < TIME, "it ends before its time is over");
    let published = aws.published();
    assert!((1..=2).contains(&published.len()), "{published:?}");
    let next = (published.len() + 1).to_string();
    assert_eq!(unsent, Some(next), "what was published is not published again");
}

#[tokio::test]
async fn a_request_that_hangs_is_given_up_at_the_deadline() {
    let aws =
        Aws::start(Behaviour { delay: Duration::from_secs(60), ..Behaviour::default() }).await;
    let begun = Instant::now();

    let unsent = relayed(&aws, batch(&[("a", "a1")]), Duration::from_millis(500)).await;

    assert_eq!(unsent.as_deref(), Some("1"));
    assert!(begun.elapsed() < Duration::from_secs(5));
}
