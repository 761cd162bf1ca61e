//! FIFO queues: a group stops, and the others go on.

use crate::kit::{batch, handle, in_ledger, with_dead_letters};
use aws_sdk_sqs::types::QueueAttributeName;
use event_schema::CustomerRegistered;
use fanfare::{Consumer, Event, Failure, Work};
use std::collections::BTreeSet;
use std::time::Duration;
use system_tests::Store;

#[tokio::test(flavor = "multi_thread")]
async fn in_a_fifo_queue_a_group_stops_at_its_first_failure_and_the_others_go_on() {
    let store = Store::start(&[]).await;
    let consumer = Consumer::new("fifo", |event: Event<CustomerRegistered>| async move {
        match event.payload.name.as_str() {
            "a1" => Err(Failure::retry("not now")),
            "c1" => Err(Failure::permanent("never")),
            _ => Ok(Work::did("done")),
        }
    });
    let (_, sqs) = store.aws.clients();
    let dead_letters = sqs.create_queue().queue_name("fanfare-DeadLetters.fifo");
    let dead_letters = dead_letters.attributes(QueueAttributeName::FifoQueue, "true");
    dead_letters.send().await.expect("a queue");
    let runtime = with_dead_letters(&store, "EmailQueue.fifo", "DeadLetters.fifo", consumer);

    let messages = [("a1", "a"), ("b1", "b"), ("a2", "a"), ("b2", "b"), ("c1", "c"), ("c2", "c")];
    let failed = handle(&runtime, batch(&messages), Duration::from_secs(5)).await;

    assert_eq!(failed, ["a1", "a2"], "c1 is in the dead-letter queue, and its group goes on");
    let expected = [
        "fifo#evt_a1 failed",
        "fifo#evt_b1 done",
        "fifo#evt_b2 done",
        "fifo#evt_c1 dead-lettered",
        "fifo#evt_c2 done",
    ];
    assert_eq!(in_ledger(&store).await, BTreeSet::from(expected.map(str::to_owned)));
}
