//! What is read or repeated is on record, by whom as far as anybody knows, and no record is overwritten.

use crate::support::Stack;
use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_operate::{Action, OperateError, Outcome, Selection};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_is_on_record_and_a_caller_whom_sts_does_not_know_is_unknown() {
    let stack = Stack::start().await;
    let selection = Selection { id: Some("evt_1".to_owned()), ..Selection::default() };

    let record = stack.connection.put_on_record(Action::Show, "climate", &selection).await.unwrap();
    let begun = stack.connection.audit(1).await.unwrap().remove(0);
    record.end(false, &Ok::<_, OperateError>(3), |shown| *shown).await;

    let ended = stack.connection.audit(1).await.unwrap().remove(0);
    assert_eq!((begun.outcome, ended.outcome), (Outcome::Started, Outcome::Done));
    assert_eq!((ended.action, ended.consumer.as_str()), (Action::Show, "climate"));
    assert_eq!((ended.selection, ended.counts.selected), (selection, 3));
    assert_eq!(ended.identity.as_deref(), Some("unknown"), "the runner has no STS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_has_its_end_keeps_it() {
    let stack = Stack::start().await;
    let all = Selection::default();
    let record = stack.connection.put_on_record(Action::Export, "events", &all).await.unwrap();
    let id = stack.connection.audit(1).await.unwrap().remove(0).id;
    let table = stack.connection.table("Actions").await.unwrap();
    let update = stack.dynamodb.update_item().table_name(table);
    let update = update.key("id", AttributeValue::S(id)).update_expression("SET outcome = :failed");
    let failed = AttributeValue::S("failed".to_owned());
    update.expression_attribute_values(":failed", failed).send().await.unwrap();

    record.end(false, &Ok::<_, OperateError>(1), |count| *count).await;

    assert_eq!(stack.connection.audit(1).await.unwrap()[0].outcome, Outcome::Failed);
}
