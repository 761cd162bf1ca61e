//! What can't be done is refused with what to do instead.

use crate::support::{Stack, event};
use fanfare_operate::{Connection, OperateError, Redrive, Stop};

#[tokio::test(flavor = "multi_thread")]
async fn letters_that_come_from_no_queue_can_be_seen_and_not_sent_back() {
    let stack = Stack::start().await;
    stack.plain("RelayDeadLetters", &event("evt_1")).await;
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
        "\"nobody\" has no dead-letter queue; there are: email, relay, shipping"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_is_found_by_its_queues_names_too() {
    let stack = Stack::start().await;
    for name in ["email", "EmailQueue", "EmailDeadLetters", "fanfare-EmailDeadLetters"] {
        assert_eq!(stack.letters(name).await.consumer, "email");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_is_not_there_is_told() {
    let stack = Stack::start().await;
    let config = stack.config().clone();
    let error = Connection::with(config, "fan").queues().await.unwrap_err();
    assert!(matches!(error, OperateError::NoStack { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_audit_table_nothing_is_touched() {
    let stack = Stack::start().await;
    stack.events(1).await;
    let letters = stack.letters("email").await;
    stack.dynamodb.delete_table().table_name("fanfare-AuditTable").send().await.unwrap();

    let done = stack.connection.redrive(&letters, &Redrive::default(), &(), &Stop::default()).await;

    let error = done.unwrap_err();
    assert!(matches!(error, OperateError::NoTable { table: "AuditTable", .. }), "{error}");
    assert_eq!(stack.bodies("EmailDeadLetters").await, [event("evt_0")]);
    assert_eq!(stack.depth("EmailQueue").await, 0);
}
