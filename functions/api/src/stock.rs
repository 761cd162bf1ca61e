//! `PUT /inventory/{sku}` and `GET /inventory/{sku}`

use crate::Api;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use event_schema::Sku;
use fanfare_http::{Problem, Request, Response, unavailable};
use read_models::stock::{AVAILABLE, RESERVED, SKU};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The most that can be on hand: far above any warehouse, far below an overflow.
const MAX_ON_HAND: u64 = 1_000_000_000;

/// How often a change is tried again when it met a reservation.
const TRIES: u32 = 5;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewStock {
    on_hand: u64,
}

/// The stock of a SKU as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StockView<'a> {
    sku: &'a Sku,
    on_hand: u64,
    reserved: u64,
    available: u64,
}

type Item = HashMap<String, AttributeValue>;

impl Api {
    /// Sets what is on hand; what is reserved stays reserved.
    pub(crate) async fn put_stock(
        &self,
        sku: &Sku,
        request: &Request,
    ) -> Result<Response, Problem> {
        let NewStock { on_hand } = request.json()?;
        if on_hand > MAX_ON_HAND {
            let detail = format!("must be {MAX_ON_HAND} at the most");
            return Err(Problem::invalid("onHand", detail));
        }
        for _ in 0..TRIES {
            match self.update_stock(sku, on_hand).await {
                Ok(item) => return Ok(view(sku, &item)),
                Err(error) => match error.as_service_error() {
                    Some(UpdateItemError::ConditionalCheckFailedException(refusal)) => {
                        let reserved = refusal.item().map_or(0, |item| number(item, RESERVED));
                        let detail = format!("{reserved} are reserved for orders already");
                        return Err(Problem::conflict("onHand", detail));
                    }
                    // An order was being reserved at this very moment.
                    Some(UpdateItemError::TransactionConflictException(_)) => {}
                    _ => return Err(unavailable(error)),
                },
            }
        }
        Err(Problem::unavailable())
    }

    async fn update_stock(
        &self,
        sku: &Sku,
        on_hand: u64,
    ) -> Result<Item, SdkError<UpdateItemError>> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.stock)
            .key(SKU, AttributeValue::S(sku.to_string()))
            .update_expression("SET #r = if_not_exists(#r, :0), #a = :h - if_not_exists(#r, :0)")
            .condition_expression("attribute_not_exists(#r) OR #r <= :h")
            .expression_attribute_names("#r", RESERVED)
            .expression_attribute_names("#a", AVAILABLE)
            .expression_attribute_values(":0", AttributeValue::N("0".to_owned()))
            .expression_attribute_values(":h", AttributeValue::N(on_hand.to_string()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        Ok(update.send().await?.attributes.unwrap_or_default())
    }

    /// Shows the stock of a SKU.
    pub(crate) async fn get_stock(&self, sku: &Sku) -> Result<Response, Problem> {
        let read = self
            .client
            .get_item()
            .table_name(&self.tables.stock)
            .key(SKU, AttributeValue::S(sku.to_string()))
            .consistent_read(true);
        match read.send().await.map_err(unavailable)?.item {
            Some(item) => Ok(view(sku, &item)),
            None => Err(Problem::not_found(format!("there is no stock of {sku}"))),
        }
    }
}

fn view(sku: &Sku, item: &Item) -> Response {
    let (available, reserved) = (number(item, AVAILABLE), number(item, RESERVED));
    Response::ok(&StockView { sku, on_hand: available + reserved, reserved, available })
}

fn number(item: &Item, name: &str) -> u64 {
    item.get(name).and_then(|v| v.as_n().ok()).and_then(|n| n.parse().ok()).unwrap_or(0)
}
