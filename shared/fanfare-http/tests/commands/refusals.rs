//! What becomes of a command when DynamoDB refuses its transaction.

use crate::readings::{client, commands, measured, with_key};
use crate::refusing::{DynamoDb, cancelled, error};
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use fanfare_http::{Command, CommandError, Problem, Response};

/// Carries out a command with a key, whose transaction has two items: the event, and the key's record.
async fn executed(dynamodb: &DynamoDb) -> Result<Response, CommandError> {
    let commands = commands(&client(&dynamodb.url), "events", "ledger");
    let command = Command::new("record-reading", &1, Response::new(202, &"done"))?;
    commands.execute(&with_key("one"), command.announce(&measured(1))?).await
}

#[tokio::test]
async fn a_conflict_is_no_sign_that_the_key_was_used_and_is_tried_again() {
    for refusal in [
        cancelled(&["None", "TransactionConflict"]),
        cancelled(&["TransactionConflict", "None"]),
        cancelled(&["None", "ThrottlingError"]),
    ] {
        let dynamodb = DynamoDb::refusing(&[refusal.clone(), refusal]).await;

        let response = executed(&dynamodb).await.unwrap();

        assert_eq!(response, Response::new(202, &"done"));
        assert_eq!(dynamodb.transactions(), 3);
    }
}

#[tokio::test]
async fn an_event_that_another_was_faster_than_is_appended_behind_it() {
    let dynamodb = DynamoDb::refusing(&[cancelled(&["ConditionalCheckFailed", "None"])]).await;
    assert!(executed(&dynamodb).await.is_ok());
    assert_eq!(dynamodb.transactions(), 2);
}

#[tokio::test]
async fn conflicts_without_end_are_answered_by_try_again() {
    let refusals = vec![cancelled(&["None", "TransactionConflict"]); 20];
    let dynamodb = DynamoDb::refusing(&refusals).await;

    let error = executed(&dynamodb).await.unwrap_err();

    assert!(matches!(error, CommandError::Busy), "{error:?}");
    assert_eq!(Problem::from(error).status, 503);
}

#[tokio::test]
async fn what_can_never_be_written_is_not_tried_again() {
    for refusal in [cancelled(&["ValidationError", "None"]), error("ValidationException")] {
        let dynamodb = DynamoDb::refusing(&[refusal]).await;

        let error = executed(&dynamodb).await.unwrap_err();

        assert_eq!(dynamodb.transactions(), 1);
        assert_eq!(Problem::from(error).status, 500);
    }
}

#[tokio::test]
async fn a_transaction_that_is_still_in_progress_is_answered_by_try_again() {
    let refusals = vec![error("TransactionInProgressException"); 3];
    let dynamodb = DynamoDb::refusing(&refusals).await;

    let error = executed(&dynamodb).await.unwrap_err();

    assert!(matches!(error, CommandError::Unavailable(_)), "{error:?}");
    assert_eq!(Problem::from(error).status, 503);
}

/// The items are the event, the write, and the key's record.
#[tokio::test]
async fn a_write_whose_condition_does_not_hold_refuses_the_command_and_is_not_taken_for_the_key() {
    let refused = cancelled(&["None", "ConditionalCheckFailed", "None"]);
    let dynamodb = DynamoDb::refusing(&[refused]).await;
    let count = Update::builder()
        .table_name("rooms")
        .key("room", AttributeValue::N("7".to_owned()))
        .update_expression("ADD readings :one")
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
    let write = TransactWriteItem::builder().update(count.build().unwrap()).build();
    let command = Command::new("record-reading", &1, Response::new(202, &"done")).unwrap();
    let command = command.announce(&measured(1)).unwrap().write(write);

    let commands = commands(&client(&dynamodb.url), "events", "ledger");
    let error = commands.execute(&with_key("one"), command).await.unwrap_err();

    assert!(matches!(error, CommandError::Refused), "{error:?}");
    assert_eq!(dynamodb.transactions(), 1);
    assert_eq!(Problem::from(error).status, 409);
}
