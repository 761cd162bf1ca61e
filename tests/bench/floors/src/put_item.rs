//! A function that parses each message and does one PutItem for it, all of a batch at once: what the SDK
//! costs, without a guard against duplicates, an event, a log or a way to deal with failure.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_bootstrap::Environment;
use futures_util::future::try_join_all;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    event_id: String,
    payload: Order,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    order_id: String,
    customer_id: String,
    total_amount: u64,
    items: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    sku: String,
    quantity: u32,
}

/// Puts each order of a batch into the table that `ORDERS_TABLE` names. One that can't be put fails the batch.
///
/// # Errors
/// When a setting is missing, or the Lambda runtime API can't be reached.
pub async fn put_each() -> Result<(), Error> {
    let environment = Environment::of_process();
    let table = environment.required("ORDERS_TABLE")?;
    let client = &Client::new(&fanfare_bootstrap::aws_config(&environment).await?);
    let handle = |batch: LambdaEvent<SqsEvent>| async move {
        let puts = batch.payload.records.into_iter().map(|message| put(client, table, message));
        try_join_all(puts).await?;
        Ok::<_, Error>(SqsBatchResponse::default())
    };
    lambda_runtime::run(service_fn(handle)).await
}

async fn put(client: &Client, table: &str, message: SqsMessage) -> Result<(), Error> {
    let message: Message = serde_json::from_str(&message.body.unwrap_or_default())?;
    let order = message.payload;
    let lines = order.items.iter().map(|line| format!("{} {}", line.quantity, line.sku));
    let put = client
        .put_item()
        .table_name(table)
        .item("id", AttributeValue::S(message.event_id))
        .item("orderId", AttributeValue::S(order.order_id))
        .item("customerId", AttributeValue::S(order.customer_id))
        .item("totalAmount", AttributeValue::N(order.total_amount.to_string()))
        .item("lines", AttributeValue::L(lines.map(AttributeValue::S).collect()));
    put.send().await?;
    Ok(())
}
