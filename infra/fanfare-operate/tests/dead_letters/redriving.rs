//! Letters go back to their queue: all that are meant, each once.

use crate::support::{Stack, event, events};
use fanfare_operate::{Action, Outcome, Redrive, Selection, Stop};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn every_dead_letter_goes_back_once_as_it_was_before_it_died() {
    let stack = Stack::start().await;
    stack.events(57).await;

    let report = stack.redrive().await;

    assert_eq!((report.counts.sent, report.counts.deleted), (57, 57), "{report:?}");
    assert_eq!(stack.bodies("ClimateQueue").await, events(57));
    assert_eq!(stack.depth("ClimateDeadLetters").await, 0);
    for message in stack.messages("ClimateQueue").await {
        let names: Vec<String> = message.message_attributes.unwrap().into_keys().collect();
        assert_eq!(names, ["eventType"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_is_on_record_with_every_message() {
    let stack = Stack::start().await;
    stack.events(12).await;
    let letters = stack.letters("climate").await;
    let redrive =
        Redrive { why: Some("the air conditioner is back".to_owned()), ..Redrive::default() };

    let report = stack.connection.redrive(&letters, &redrive, &(), &Stop::default()).await.unwrap();

    let records = stack.connection.audit(10).await.unwrap();
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!((record.action, record.outcome), (Action::Redrive, Outcome::Done));
    assert_eq!(
        (record.queue.as_str(), record.counts),
        ("fanfare-ClimateDeadLetters", report.counts)
    );
    assert_eq!(record.why.as_deref(), Some("the air conditioner is back"));
    assert!(record.who.contains('@') && record.ended_at.is_some(), "{record:?}");
    let detail = stack.connection.audit_detail(&report.audit.unwrap()).await.unwrap();
    let mut ids: Vec<_> = detail.messages.into_iter().filter_map(|m| m.event_id).collect();
    ids.sort();
    let mut expected: Vec<_> = (0..12).map(|n| format!("evt_{n}")).collect();
    expected.sort();
    assert_eq!(ids, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_dead_letters_that_are_meant_go_back() {
    let stack = Stack::start().await;
    stack.events(3).await;
    stack
        .letter("ClimateDeadLetters", &event("evt_x"), "the air conditioner refuses mallory")
        .await;
    let letters = stack.letters("climate").await;
    let summary = stack.connection.summary(&letters, &(), &Stop::default()).await.unwrap();
    let of_refusal = summary.groups.iter().find(|g| g.cause.contains("refuses")).unwrap();

    let by_id = Selection { id: Some("evt_1".to_owned()), ..Selection::default() };
    let by_group = Selection { group: Some(of_refusal.group.clone()), ..Selection::default() };
    let by_text = Selection { filter: Some("room_2".to_owned()), ..Selection::default() };
    for (selection, count) in [(by_id, 1), (by_group, 1), (by_text, 1)] {
        let report = stack.redrive_those(selection).await;
        assert_eq!((report.counts.selected, report.counts.sent), (count, count), "{report:?}");
    }

    assert_eq!(
        stack.bodies("ClimateQueue").await,
        [event("evt_1"), event("evt_2"), event("evt_x")]
    );
    assert_eq!(stack.bodies("ClimateDeadLetters").await, [event("evt_0")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_of_the_same_content_all_go_back() {
    let stack = Stack::start().await;
    for _ in 0..3 {
        stack.letter("ClimateDeadLetters", "{ no JSON", "the message is not an event").await;
    }

    let report = stack.redrive().await;

    assert_eq!((report.counts.sent, stack.depth("ClimateQueue").await), (3, 3), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_tells_what_would_go_and_changes_nothing() {
    let stack = Stack::start().await;
    stack.events(4).await;
    let letters = stack.letters("climate").await;
    let selection = Selection { filter: Some("evt_1".to_owned()), ..Selection::default() };

    let dry = stack.connection.dry_redrive(&letters, &selection, &(), &Stop::default()).await;

    let dry = dry.unwrap();
    assert_eq!((dry.would_send, dry.would_stay, dry.groups.len()), (1, 3, 1));
    assert_eq!(dry.targets, ["fanfare-ClimateQueue"]);
    assert_eq!(stack.bodies("ClimateDeadLetters").await, events(4));
    assert!(stack.connection.audit(10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_is_kept() {
    let stack = Stack::start().await;
    stack.events(5).await;
    let letters = stack.letters("climate").await;
    let redrive = Redrive { rate: Some(2), ..Redrive::default() };
    let begun = Instant::now();

    let report = stack.connection.redrive(&letters, &redrive, &(), &Stop::default()).await.unwrap();

    assert_eq!(report.counts.sent, 5);
    // Two at once, two after a second, one after two.
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_that_fails_again_at_once_does_not_go_round_for_ever() {
    let stack = Stack::start().await;
    stack.events(1).await;
    // A consumer that buries whatever it gets.
    let (sqs, queue, dead) =
        (stack.sqs.clone(), stack.url("ClimateQueue"), stack.url("ClimateDeadLetters"));
    let consumer = tokio::spawn(async move {
        loop {
            let receive = sqs.receive_message().queue_url(&queue).wait_time_seconds(20);
            for message in receive.send().await.unwrap().messages.unwrap_or_default() {
                let send = sqs.send_message().queue_url(&dead);
                send.message_body(message.body().unwrap()).send().await.unwrap();
                let delete = sqs.delete_message().queue_url(&queue);
                delete.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
            }
        }
    });

    let report = stack.redrive().await;
    consumer.abort();

    assert_eq!((report.counts.sent, report.counts.came_back), (1, 1), "{report:?}");
    assert_eq!(stack.bodies("ClimateDeadLetters").await, events(1));
}
