//! One conditional update outside a transaction, and what DynamoDB said to it.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, Update};
use std::collections::HashMap;

/// What a conditional update came to.
///
/// ```
/// use fanfare_event_store::Updated;
///
/// assert_ne!(Updated::Done(Default::default()), Updated::Refused(None));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Updated {
    /// It was written, and this is the item now.
    Done(HashMap<String, AttributeValue>),
    /// Its condition does not hold, and nothing was written. The item as it is, if the update asked for it and there
    /// is one.
    Refused(Option<HashMap<String, AttributeValue>>),
}

/// Does alone what could be part of a transaction.
///
/// ```no_run
/// # async fn example(client: &aws_sdk_dynamodb::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use aws_sdk_dynamodb::types::{AttributeValue, Update};
/// use fanfare_event_store::{Updated, update};
///
/// let open = Update::builder()
///     .table_name("rooms")
///     .key("room", AttributeValue::S("attic".to_owned()))
///     .update_expression("REMOVE closedAt")
///     .condition_expression("attribute_exists(closedAt)")
///     .build()?;
///
/// match update(client, open).await? {
///     Updated::Done(room) => println!("{room:?} is open now"),
///     Updated::Refused(_) => println!("it was open"),
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When DynamoDB did not answer, or refused for anything but the condition: the update may have been done then.
pub async fn update(client: &Client, update: Update) -> Result<Updated, SdkError<UpdateItemError>> {
    let request = client
        .update_item()
        .table_name(update.table_name)
        .set_key(Some(update.key))
        .update_expression(update.update_expression)
        .set_condition_expression(update.condition_expression)
        .set_expression_attribute_names(update.expression_attribute_names)
        .set_expression_attribute_values(update.expression_attribute_values)
        .set_return_values_on_condition_check_failure(
            update.return_values_on_condition_check_failure,
        )
        .return_values(ReturnValue::AllNew);
    match request.send().await {
        Ok(answer) => Ok(Updated::Done(answer.attributes.unwrap_or_default())),
        Err(error) => match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
                Ok(Updated::Refused(refusal.item.clone()))
            }
            _ => Err(error),
        },
    }
}
