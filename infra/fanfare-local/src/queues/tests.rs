//! Receiving that waits, is given up, and comes back.

use super::*;
use crate::shutdown;

fn message(queue_url: &str, body: &str) -> SendMessageInput {
    let group = queue_url.ends_with(".fifo").then(|| "group".to_owned());
    SendMessageInput {
        queue_url: queue_url.to_owned(),
        message_body: body.to_owned(),
        message_deduplication_id: group.is_some().then(|| body.to_owned()),
        message_group_id: group,
        ..SendMessageInput::default()
    }
}

async fn queues(name: &str) -> (Queues, String) {
    let (stopper, stop) = shutdown::channel();
    // Kept by a task that never ends: a stopper that is dropped is one that stops.
    tokio::spawn(async move {
        std::future::pending::<()>().await;
        stopper.stop();
    });
    let queues = Queues::new("000000000000", "us-east-1", 4566, stop, Journal::default());
    let input = CreateQueueInput { queue_name: name.to_owned(), ..CreateQueueInput::default() };
    queues.provider.create_queue(input).await.expect("a queue");
    let url = queues.url_of(name);
    (queues, url)
}

fn receive(queue_url: &str, wait: i32) -> ReceiveMessageInput {
    ReceiveMessageInput {
        queue_url: queue_url.to_owned(),
        max_number_of_messages: Some(10),
        wait_time_seconds: Some(wait),
        ..ReceiveMessageInput::default()
    }
}

#[tokio::test]
async fn a_handle_nobody_gave_out_is_refused_and_one_that_was_used_is_not() {
    let (queues, url) = queues("queue").await;
    let error = queues.delete(&url, "garbage".to_owned()).await.expect_err("refused");
    assert_eq!(error.code.error_type(), "ReceiptHandleIsInvalid");
    queues.send(message(&url, "hello")).await.expect("sent");
    let got = queues.receive(receive(&url, 0)).await.expect("received");
    let handle = got[0].receipt_handle.clone().expect("a handle");
    queues.delete(&url, handle.clone()).await.expect("deleted");
    queues.delete(&url, handle).await.expect("deleted again");
}

#[tokio::test(start_paused = true)]
async fn the_next_of_a_group_waits_for_the_one_before_it() {
    let (queues, url) = queues("queue.fifo").await;
    for body in ["one", "two"] {
        queues.send(message(&url, body)).await.expect("sent");
    }
    let first = queues.receive(receive(&url, 0)).await.expect("received");
    assert_eq!(first.len(), 1);
    assert!(queues.receive(receive(&url, 1)).await.expect("received").is_empty());
    let handle = first[0].receipt_handle.clone().expect("a handle");
    let (second, ()) = tokio::join!(queues.receive(receive(&url, 20)), async {
        queues.delete(&url, handle).await.expect("deleted");
    });
    assert_eq!(second.expect("received")[0].body.as_deref(), Some("two"));
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_visibility_ends_is_seen_by_a_receiver_that_waits() {
    let (queues, url) = queues("queue").await;
    queues.send(message(&url, "hello")).await.expect("sent");
    let input = ReceiveMessageInput { visibility_timeout: Some(3), ..receive(&url, 0) };
    assert_eq!(queues.receive(input).await.expect("received").len(), 1);
    let began = Instant::now();
    assert_eq!(queues.receive(receive(&url, 20)).await.expect("received").len(), 1);
    assert!((3..=4).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}
