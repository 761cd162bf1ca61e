//! What can't be done is refused with what to do instead.

use crate::support::{Stack, event};
use fanfare_operate::{Connection, Editor, OperateError, Redrive, Stop};

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_that_come_from_no_queue_can_be_seen_and_not_sent_back() {
    let stack = Stack::start().await;
    stack.plain("Unannounced", &event("evt_1")).await;
    let letters = stack.letters("relay").await;

    let summary = stack.connection.summary(&letters, &(), &Stop::default()).await.unwrap();
    let done = stack.connection.redrive(&letters, &Redrive::default(), &(), &Stop::default()).await;

    assert_eq!((summary.count, summary.redrivable), (1, false));
    let error = done.unwrap_err();
    assert!(matches!(error, OperateError::NoSource { .. }), "{error}");
    assert!(error.to_string().contains("fanfare replay --consumer NAME"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_consumer_is_told_which_there_are() {
    let stack = Stack::start().await;
    let error = stack.connection.dead_letters("nobody").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "\"nobody\" has no dead-letter queue; there are: billing, climate, relay"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_is_found_by_its_queues_names_too() {
    let stack = Stack::start().await;
    for name in ["climate", "ClimateQueue", "ClimateDeadLetters", "fanfare-ClimateDeadLetters"] {
        assert_eq!(stack.letters(name).await.consumer, "climate");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_is_not_there_is_told() {
    let stack = Stack::start().await;
    let config = stack.config().clone();
    let error = Connection::with(config, "fan").queues().await.unwrap_err();
    assert!(matches!(error, OperateError::OtherStack { .. }), "{error}");
    assert!(
        error.to_string().ends_with("runs stack fanfare, not fan: give --stack fanfare"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_audit_table_of_its_template_nothing_is_touched() {
    let stack = Stack::start().await;
    stack.events(1).await;
    let letters = stack.letters("climate").await;
    stack.dynamodb.delete_table().table_name("fanfare-Actions").send().await.unwrap();

    let done = stack.connection.redrive(&letters, &Redrive::default(), &(), &Stop::default()).await;

    let error = done.unwrap_err();
    assert!(matches!(error, OperateError::Aws { .. }), "{error}");
    assert_eq!(stack.bodies("ClimateDeadLetters").await, [event("evt_0")]);
    assert_eq!(stack.depth("ClimateQueue").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_template_has_no_audit_table_it_takes_a_word_to_go_on_without_a_record() {
    let stack = Stack::of("tests/dead_letters/unrecorded.yaml").await;
    stack.events(1).await;
    let letters = stack.letters("climate").await;
    let redrive = async |redrive: Redrive<'_>| {
        stack.connection.redrive(&letters, &redrive, &(), &Stop::default()).await
    };

    let refused = redrive(Redrive::default()).await.unwrap_err();
    let edited =
        redrive(Redrive { unrecorded: true, editor: Some(&Nobody), ..Redrive::default() }).await;
    assert_eq!(stack.bodies("ClimateDeadLetters").await, [event("evt_0")]);
    let report = redrive(Redrive { unrecorded: true, ..Redrive::default() }).await.unwrap();

    for part in ["on no record", "unrecorded.yaml", "Role: audit", "--no-audit"] {
        assert!(refused.to_string().contains(part), "{part}: {refused}");
    }
    assert!(matches!(edited.unwrap_err(), OperateError::NoRole(_)), "originals have no place");
    assert_eq!((report.counts.sent, report.audit), (1, None));
    let records = stack.connection.audit(10).await.unwrap_err().to_string();
    assert!(records.contains("audit table") && records.contains("Role: audit"), "{records}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_without_an_event_store_says_how_to_name_one() {
    let stack = Stack::of("tests/dead_letters/unrecorded.yaml").await;
    let error = stack.connection.trace("room-7").await.unwrap_err().to_string();
    for part in ["unrecorded.yaml", "event store", "EVENTS_TABLE", "Role: event-store"] {
        assert!(error.contains(part), "{part}: {error}");
    }
}

/// An editor that is never opened.
struct Nobody;

impl Editor for Nobody {
    fn edit(&self, text: &str, _: Option<&str>) -> std::io::Result<String> {
        Ok(text.to_owned())
    }
}
