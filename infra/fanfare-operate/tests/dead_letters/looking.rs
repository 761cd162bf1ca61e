//! Looking at dead letters changes nothing.

use crate::support::{Stack, event, events};
use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_operate::{Selection, Stop};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_grouped_by_cause_and_stay_where_they_are() {
    let stack = Stack::start().await;
    stack.events(12).await;
    stack.letter("ClimateDeadLetters", &event("evt_x"), "the air conditioner refuses").await;

    let letters = stack.letters("climate").await;
    let summary = stack.connection.summary(&letters, &(), &Stop::default()).await.unwrap();

    assert_eq!((summary.count, summary.in_flight_elsewhere), (13, 0));
    let told: Vec<_> = summary.groups.iter().map(|g| (g.count, g.cause.as_str())).collect();
    assert_eq!(told, [(12, "no such room: *"), (1, "the air conditioner refuses")]);
    assert!(summary.redrivable && summary.oldest.is_some() && summary.oldest_expires.is_some());
    assert_eq!(stack.messages("ClimateDeadLetters").await.len(), 13, "all can be received at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_tells_why_a_dead_letter_died_that_does_not_say_so_itself() {
    let stack = Stack::start().await;
    stack.plain("ClimateDeadLetters", &event("evt_known")).await;
    stack.plain("ClimateDeadLetters", &event("evt_unknown")).await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |n: i64| AttributeValue::N(n.to_string());
    let put = stack.dynamodb.put_item().table_name("fanfare-Seen");
    let put = put
        .item("id", text("climate#evt_known"))
        .item("outcome", text("dead-lettered"))
        .item("error", text("the air conditioner is away"))
        .item("attempts", number(8))
        .item("firstSeenAt", text("2024-01-15T10:30:00Z"))
        .item("finishedAt", text("2024-01-15T10:30:00Z"))
        .item("durationMicros", number(1))
        .item("expiresAt", number(1));
    put.send().await.unwrap();

    let letters = stack.letters("climate").await;
    let summary = stack.connection.summary(&letters, &(), &Stop::default()).await.unwrap();

    let causes: Vec<_> = summary.groups.iter().map(|group| group.cause.as_str()).collect();
    assert!(causes.contains(&"the air conditioner is away"), "{causes:?}");
    assert!(causes.iter().any(|cause| cause.starts_with("nothing is recorded")), "{causes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_that_somebody_else_reads_is_told_of() {
    let stack = Stack::start().await;
    stack.events(2).await;
    let receive = stack.sqs.receive_message().queue_url(stack.url("ClimateDeadLetters"));
    receive.visibility_timeout(300).send().await.unwrap();

    let letters = stack.letters("climate").await;
    let summary = stack.connection.summary(&letters, &(), &Stop::default()).await.unwrap();

    assert_eq!((summary.count, summary.in_flight_elsewhere), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_shown_in_full_by_its_event_s_id() {
    let stack = Stack::start().await;
    stack.events(3).await;
    let letters = stack.letters("climate").await;
    let selection = Selection { id: Some("evt_1".to_owned()), ..Selection::default() };

    let shown = stack.connection.show(&letters, &selection, 10, &(), &Stop::default()).await;

    let shown = shown.unwrap();
    assert_eq!(shown.count, 1);
    let letter = &shown.dead_letters[0];
    assert_eq!(letter.body, event("evt_1"));
    assert_eq!(letter.error.as_deref(), Some("no such room: room_1"));
    assert_eq!((letter.attempts, letter.attributes["eventType"].as_str()), (Some(3), "Tested"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_every_dead_letter_on_a_line_and_takes_none_away() {
    let stack = Stack::start().await;
    stack.events(25).await;
    let letters = stack.letters("climate").await;
    let mut out = Vec::new();
    let all = Selection::default();

    let done = stack.connection.export(&letters, &all, &mut out, &(), &Stop::default()).await;

    assert_eq!(done.unwrap().exported, 25);
    let lines = String::from_utf8(out).unwrap();
    let body = |line: &str| {
        let letter: Value = serde_json::from_str(line).unwrap();
        letter["body"].as_str().unwrap().to_owned()
    };
    let mut bodies: Vec<String> = lines.lines().map(body).collect();
    bodies.sort();
    assert_eq!(bodies, events(25));
    assert_eq!(stack.bodies("ClimateDeadLetters").await, events(25));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_queue_is_told_with_its_dead_letters() {
    let stack = Stack::start().await;
    stack.events(2).await;
    stack.plain("ClimateQueue", &event("evt_x")).await;

    let lines = stack.connection.queue_lines().await.unwrap();

    let told: Vec<_> =
        lines.iter().map(|l| (l.consumer.as_str(), l.counts.waiting, l.dead)).collect();
    assert_eq!(told, [("billing", 0, 0), ("climate", 1, 2), ("relay", 0, 0)]);
}
