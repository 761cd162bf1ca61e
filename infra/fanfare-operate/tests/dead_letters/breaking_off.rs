//! Whatever breaks, a letter is in its queue or in the dead-letter queue.

use crate::support::{Stack, event, events};
use crate::wire::{Fate, Wire};
use fanfare_operate::{OperateError, Outcome, Redrive, Stop};

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_sending_and_deleting_loses_nothing_and_the_next_redrive_goes_on() {
    let stack = Stack::start().await;
    stack.events(10).await;
    let wire = Wire::new("AmazonSQS.DeleteMessageBatch", Fate::Hang);
    let connection = stack.over(&wire);
    let letters = stack.letters("climate").await;

    let crashing = tokio::spawn(async move {
        connection.redrive(&letters, &Redrive::default(), &(), &Stop::default()).await
    });
    wire.reached().await;
    crashing.abort();
    assert!(crashing.await.unwrap_err().is_cancelled());

    assert_eq!(stack.bodies("ClimateQueue").await, events(10), "sent");
    assert_eq!(stack.depth("ClimateDeadLetters").await, 10, "and not deleted");
    let records = stack.connection.audit(10).await.unwrap();
    assert_eq!(records[0].outcome, Outcome::Started, "it shows as broken off");
    let detail = stack.connection.audit_detail(&records[0].id).await.unwrap();
    assert_eq!(detail.messages.len(), 10, "with what it was at");

    // Their visibility timeout ends.
    for entry in wire.caught().iter().flat_map(|body| body["Entries"].as_array().unwrap()) {
        stack.show("ClimateDeadLetters", entry["ReceiptHandle"].as_str().unwrap()).await;
    }
    let report = stack.redrive().await;

    assert_eq!((report.counts.sent, report.counts.deleted), (10, 10));
    assert_eq!(stack.depth("ClimateDeadLetters").await, 0);
    let mut bodies = stack.bodies("ClimateQueue").await;
    bodies.dedup();
    assert_eq!(bodies, events(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_queue_does_not_take_stays_and_the_rest_goes() {
    let stack = Stack::start().await;
    let long = event(&format!("evt_{}", "x".repeat(100)))
        .replace("\"n\":1", &format!("\"n\":\"{}\"", "y".repeat(2000)));
    for body in [event("evt_1"), long.clone(), event("evt_2")] {
        stack.letter("BillingDeadLetters", &body, "billing is closed").await;
    }
    let letters = stack.letters("billing").await;

    let done = stack.connection.redrive(&letters, &Redrive::default(), &(), &Stop::default()).await;

    let report = done.unwrap();
    assert_eq!((report.counts.sent, report.counts.deleted, report.counts.failed), (2, 2, 1));
    assert!(report.failures[0].reason.starts_with("not sent: "), "{report:?}");
    assert_eq!(stack.bodies("BillingQueue").await, [event("evt_1"), event("evt_2")]);
    assert_eq!(stack.bodies("BillingDeadLetters").await, [long]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_fails_is_tried_again() {
    let stack = Stack::start().await;
    stack.events(3).await;
    let connection = stack.over(&Wire::new("AmazonSQS.DeleteMessageBatch", Fate::Refused(2)));
    let letters = stack.letters("climate").await;

    let done = connection.redrive(&letters, &Redrive::default(), &(), &Stop::default()).await;

    assert_eq!(done.unwrap().counts.deleted, 3);
    assert_eq!(stack.bodies("ClimateQueue").await, events(3));
    assert_eq!(stack.depth("ClimateDeadLetters").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_that_can_t_be_deleted_is_told_to_be_in_both_places() {
    let stack = Stack::start().await;
    stack.events(3).await;
    let connection = stack.over(&Wire::new("AmazonSQS.DeleteMessageBatch", Fate::Refused(100)));
    let letters = stack.letters("climate").await;

    let done = connection.redrive(&letters, &Redrive::default(), &(), &Stop::default()).await;

    let report = done.unwrap();
    assert_eq!((report.counts.sent, report.counts.deleted, report.counts.doubled), (3, 0, 3));
    assert!(report.failures[0].reason.contains("not today"), "{report:?}");
    assert_eq!(stack.bodies("ClimateQueue").await, events(3));
    assert_eq!(stack.bodies("ClimateDeadLetters").await, events(3), "released");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_takes_nothing_ends_it_and_every_dead_letter_stays_to_be_seen() {
    let stack = Stack::start().await;
    stack.events(12).await;
    let connection = stack.over(&Wire::new("AmazonSQS.SendMessageBatch", Fate::Refused(100)));
    let letters = stack.letters("climate").await;

    let done = connection.redrive(&letters, &Redrive::default(), &(), &Stop::default()).await;

    assert!(matches!(done, Err(OperateError::Stopped { done: 0, .. })), "{done:?}");
    let told = done.unwrap_err().to_string();
    assert!(told.contains("in the dead-letter queue still. What was on its way may"), "{told}");
    assert_eq!(stack.depth("ClimateQueue").await, 0);
    assert_eq!(stack.bodies("ClimateDeadLetters").await, events(12));
    let records = stack.connection.audit(10).await.unwrap();
    assert_eq!(records[0].outcome, Outcome::Failed);
    assert!(records[0].error.as_deref().is_some_and(|e| e.contains("not today")), "{records:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_touched_that_the_audit_table_does_not_take() {
    let stack = Stack::start().await;
    stack.events(3).await;
    let connection = stack.over(&Wire::new("DynamoDB_20120810.PutItem", Fate::Refused(100)));
    let letters = stack.letters("climate").await;

    let done = connection.redrive(&letters, &Redrive::default(), &(), &Stop::default()).await;

    assert!(matches!(done, Err(OperateError::Aws { .. })), "{done:?}");
    assert_eq!(stack.depth("ClimateQueue").await, 0);
    assert_eq!(stack.bodies("ClimateDeadLetters").await, events(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_that_is_stopped_releases_what_it_holds_and_the_next_one_goes_on() {
    let stack = Stack::start().await;
    stack.events(8).await;
    let letters = stack.letters("climate").await;
    let stop = Stop::default();
    let slow = Redrive { rate: Some(1), ..Redrive::default() };

    let (done, ()) = tokio::join!(stack.connection.redrive(&letters, &slow, &(), &stop), async {
        while stack.depth("ClimateQueue").await == 0 {
            tokio::task::yield_now().await;
        }
        stop.request();
    });

    let report = done.unwrap();
    let sent = usize::try_from(report.counts.sent).unwrap();
    assert!(report.interrupted && (1..8).contains(&sent), "{report:?}");
    assert_eq!(stack.messages("ClimateDeadLetters").await.len(), 8 - sent, "all can be received");
    assert_eq!(stack.connection.audit(1).await.unwrap()[0].outcome, Outcome::Interrupted);

    stack.redrive().await;
    assert_eq!(stack.bodies("ClimateQueue").await, events(8));
}
