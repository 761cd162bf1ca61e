//! Delivery as AWS does it.

use super::*;
use crate::shutdown;

/// A queue of its own, and those it belongs to.
struct Given {
    queues: Queues,
    queue: Arc<Queue>,
}

fn given(name: &str, attributes: &[(&str, &str)]) -> Given {
    let (stopper, stop) = shutdown::channel();
    // Kept by a task that never ends: a stopper that is dropped is one that stops.
    tokio::spawn(async move {
        std::future::pending::<()>().await;
        stopper.stop();
    });
    let queues = Queues::new("000000000000", "us-east-1", 4566, stop, Journal::default());
    let queue = another(&queues, name, attributes);
    Given { queues, queue }
}

fn another(queues: &Queues, name: &str, attributes: &[(&str, &str)]) -> Arc<Queue> {
    let fifo = name.ends_with(".fifo").then_some(("FifoQueue", "true"));
    let attributes = attributes.iter().copied().chain(fifo);
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let url = queues.create(name, attributes, []).expect("a queue");
    queues.find(&url).expect("the queue")
}

impl Given {
    /// Sends a message; on a FIFO queue its body is its deduplication id.
    async fn send(&self, body: &str, group: Option<&str>) -> SendMessageOutput {
        let input = SendMessageInput {
            queue_url: self.queue.url.clone(),
            message_body: body.to_owned(),
            message_deduplication_id: self.queue.name.ends_with(".fifo").then(|| body.to_owned()),
            message_group_id: group.map(str::to_owned),
            ..SendMessageInput::default()
        };
        self.queues.send(input).await.expect("sent")
    }

    /// Receives up to ten messages.
    async fn receive(&self, wait: i32) -> Vec<Message> {
        self.receive_most(10, wait).await
    }

    async fn receive_most(&self, most: i32, wait: i32) -> Vec<Message> {
        let input = ReceiveMessageInput {
            queue_url: self.queue.url.clone(),
            max_number_of_messages: Some(most),
            wait_time_seconds: Some(wait),
            message_system_attribute_names: vec!["All".to_owned()],
            ..ReceiveMessageInput::default()
        };
        self.queues.receive(input).await.expect("received")
    }

    async fn delete(&self, message: &Message) -> Result<(), SqsError> {
        self.queues.delete(&self.queue, handle(message)).await
    }

    /// Hides a message for another time.
    fn hide(&self, message: &Message, seconds: i32) -> Result<(), SqsError> {
        self.queues.change_visibility(&ChangeMessageVisibilityInput {
            queue_url: self.queue.url.clone(),
            receipt_handle: handle(message).to_owned(),
            visibility_timeout: seconds,
        })
    }
}

fn handle(message: &Message) -> &str {
    message.receipt_handle.as_deref().expect("a handle")
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().filter_map(|message| message.body.as_deref()).collect()
}

#[tokio::test]
async fn a_receive_gives_up_to_ten_messages_of_a_group_and_no_more_until_they_are_gone() {
    let given = given("q.fifo", &[]);
    for body in ["a1", "a2", "b1", "a3"] {
        given.send(body, Some(&body[..1])).await;
    }
    let first = given.receive_most(2, 0).await;
    assert_eq!(bodies(&first), ["a1", "a2"]);
    assert_eq!(bodies(&given.receive(0).await), ["b1"], "another group goes on");
    given.delete(&first[0]).await.expect("deleted");
    assert!(given.receive(0).await.is_empty(), "a2 is still out");
    given.hide(&first[1], 0).expect("returned");
    assert_eq!(bodies(&given.receive(0).await), ["a2", "a3"], "in the group's order");
}

#[tokio::test]
async fn what_comes_back_is_where_it_was() {
    let given = given("q", &[]);
    for body in ["one", "two", "three"] {
        given.send(body, None).await;
    }
    let first = given.receive_most(1, 0).await;
    given.hide(&first[0], 0).expect("returned");
    assert_eq!(bodies(&given.receive(0).await), ["one", "two", "three"]);
}

#[tokio::test(start_paused = true)]
async fn a_fifo_queue_honours_its_delay() {
    let given = given("q.fifo", &[("DelaySeconds", "5")]);
    given.send("late", Some("a")).await;
    assert!(given.receive(4).await.is_empty());
    assert_eq!(bodies(&given.receive(2).await), ["late"]);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_waits_sees_what_time_makes_visible_at_once() {
    let given = given("q", &[("VisibilityTimeout", "3")]);
    given.send("hello", None).await;
    assert_eq!(given.receive(0).await.len(), 1);
    let began = Instant::now();
    assert_eq!(given.receive(20).await.len(), 1);
    assert_eq!(began.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_old_handle_deletes_from_a_standard_queue_and_is_refused_by_a_fifo_queue() {
    for (name, group) in [("q", None), ("q.fifo", Some("a"))] {
        let given = given(name, &[("VisibilityTimeout", "1")]);
        given.send("hello", group).await;
        let first = given.receive(0).await;
        tokio::time::advance(Duration::from_secs(2)).await;
        let deleted = given.delete(&first[0]).await;
        assert_eq!(deleted.is_ok(), group.is_none(), "{name}");
        assert_eq!(given.receive(0).await.is_empty(), group.is_none(), "{name}");
    }
}

#[tokio::test]
async fn a_handle_can_be_used_twice_to_delete_and_not_to_hide() {
    let given = given("q", &[]);
    given.send("hello", None).await;
    let got = given.receive(0).await;
    given.delete(&got[0]).await.expect("deleted");
    given.delete(&got[0]).await.expect("deleted again");
    let refused = given.hide(&got[0], 5).expect_err("refused");
    assert_eq!(refused.code, SqsErrorCode::InvalidParameterValue);
}

#[tokio::test]
async fn a_repeat_within_five_minutes_is_the_first_one_and_a_purge_forgets_it() {
    let given = given("q.fifo", &[]);
    let first = given.send("one", Some("a")).await;
    let again = given.send("one", Some("a")).await;
    assert_eq!(
        (&again.message_id, &again.sequence_number),
        (&first.message_id, &first.sequence_number)
    );
    assert_eq!(given.receive(0).await.len(), 1);
    given.queues.purge(&given.queue.url).await.expect("purged");
    given.send("one", Some("a")).await;
    assert_eq!(bodies(&given.receive(0).await), ["one"]);
}

#[tokio::test]
async fn a_dead_letter_keeps_its_id_its_count_and_where_it_came_from() {
    let policy = r#"{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead", "maxReceiveCount": "2"}"#;
    let given = given("q", &[("RedrivePolicy", policy), ("VisibilityTimeout", "0")]);
    let dead = another(&given.queues, "dead", &[]);
    let sent = given.send("poison", None).await;
    for _ in 0..2 {
        assert_eq!(given.receive(0).await.len(), 1);
    }
    assert!(given.receive(0).await.is_empty());
    let dead = Given { queues: given.queues.clone(), queue: dead };
    let got = &dead.receive(0).await[0];
    assert_eq!(got.message_id, sent.message_id);
    assert_eq!(got.attributes["ApproximateReceiveCount"], "3");
    assert_eq!(got.attributes["DeadLetterQueueSourceArn"], &*given.queue.arn);
}

#[tokio::test(start_paused = true)]
async fn a_move_task_takes_dead_letters_back_as_new_messages() {
    let policy = r#"{"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead", "maxReceiveCount": 1}"#;
    let given = given("q", &[("RedrivePolicy", policy), ("VisibilityTimeout", "0")]);
    let dead = another(&given.queues, "dead", &[]);
    for body in ["one", "two"] {
        given.send(body, None).await;
    }
    given.receive(0).await;
    assert!(given.receive(0).await.is_empty());
    given.queues.start_move(&dead.arn, None, Some(1)).expect("begun");
    let again = given.queues.start_move(&dead.arn, None, None).expect_err("one at a time");
    assert_eq!(again.code, SqsErrorCode::InvalidParameterValue);
    let got = given.receive(20).await;
    assert_eq!(bodies(&got), ["one"]);
    assert_eq!(got[0].attributes["ApproximateReceiveCount"], "1");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let tasks = given.queues.moves(&dead.arn, None).expect("tasks");
    assert_eq!(tasks[0].status.as_deref(), Some("COMPLETED"));
    assert_eq!(tasks[0].approximate_number_of_messages_moved, Some(2));
}

#[tokio::test]
async fn a_tenant_with_a_thousand_messages_does_not_delay_the_others() {
    let given = given("q", &[]);
    for n in 0..1000 {
        given.send(&format!("noisy-{n}"), Some("noisy")).await;
    }
    for n in 0..5 {
        given.send(&format!("quiet-{n}"), Some("quiet")).await;
    }
    // 30 in flight, and more than a tenth of all: from here on the others come first.
    for _ in 0..3 {
        assert!(
            given
                .receive(0)
                .await
                .iter()
                .all(|m| m.body.as_deref().is_some_and(|b| b.starts_with("noisy")))
        );
    }
    let next = given.receive(0).await;
    let quiet = bodies(&next).into_iter().filter(|body| body.starts_with("quiet")).count();
    assert_eq!(quiet, 5, "{:?}", bodies(&next));
    assert_eq!(next.len(), 10, "and nothing is left idle");
}

#[tokio::test(start_paused = true)]
async fn a_message_is_forgotten_when_its_time_is_over() {
    let given = given("q", &[("MessageRetentionPeriod", "60")]);
    given.send("old", None).await;
    tokio::time::advance(Duration::from_secs(61)).await;
    assert!(given.receive(0).await.is_empty());
}

#[tokio::test]
async fn a_killed_runner_finds_its_messages_with_their_ids_and_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("journal.sqlite");
    let start = || {
        let (stopper, stop) = shutdown::channel();
        std::mem::forget(stopper);
        let journal = Journal::open(&file).expect("a journal");
        let queues = Queues::new("000000000000", "us-east-1", 4566, stop, journal);
        let queue = another(&queues, "q", &[]);
        queues.restore().expect("restored");
        Given { queues, queue }
    };
    let given = start();
    let sent = given.send("kept", None).await;
    let gone = given.send("gone", None).await;
    let received = given.receive(0).await;
    assert_eq!(received[1].message_id, gone.message_id);
    given.delete(&received[1]).await.expect("deleted");
    // A killed process closes nothing.
    std::mem::forget(given);

    let got = start().receive(0).await;
    assert_eq!(bodies(&got), ["kept"]);
    assert_eq!(got[0].message_id, sent.message_id);
    assert_eq!(got[0].attributes["ApproximateReceiveCount"], "2");
}
