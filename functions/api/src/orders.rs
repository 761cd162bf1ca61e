//! `POST /orders` and `GET /orders/{orderId}?at=`

use crate::app::unavailable;
use crate::customers::new_event;
use crate::request::Request;
use crate::response::Response;
use crate::{Api, Problem, view, view_at};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use event_schema::{Currency, CustomerId, MAX_AMOUNT, OrderId, OrderItem, OrderPlaced, Sku};
use fanfare::{Envelope, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The most lines that an order may have: with the ledger record and the event they must fit into one
/// transaction of 100 items
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
const MAX_LINES: usize = 90;
/// The most pieces in one line.
const MAX_QUANTITY: u32 = 100_000;
/// The longest idempotency key, in bytes.
const MAX_KEY: usize = 255;
/// Hours for which an idempotency key is remembered.
const KEY_HOURS: i64 = 24;

/// An order as a customer places it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Placement {
    customer_id: CustomerId,
    items: Vec<Line>,
    #[serde(default = "us_dollar")]
    currency: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
    sku: Sku,
    quantity: u32,
    unit_price: u64,
}

fn us_dollar() -> String {
    Currency::USD.code().to_owned()
}

impl Placement {
    /// Reads an order from a body.
    ///
    /// # Errors
    /// 400, naming the field.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        crate::request::parse(body)
    }

    /// The event that the order becomes.
    ///
    /// # Errors
    /// 400, naming the field.
    pub fn placed(&self, order_id: OrderId) -> Result<OrderPlaced, Problem> {
        let lines = self.items.len();
        if !(1..=MAX_LINES).contains(&lines) {
            return Err(Problem::invalid(
                "items",
                format!("must be 1 to {MAX_LINES}, not {lines}"),
            ));
        }
        let currency = Currency::from_code(&self.currency).ok_or_else(|| {
            let detail = format!("{:?} is no ISO 4217 code such as EUR", self.currency);
            Problem::invalid("currency", detail)
        })?;
        let mut total_amount: u64 = 0;
        for (n, line) in self.items.iter().enumerate() {
            if !(1..=MAX_QUANTITY).contains(&line.quantity) {
                let detail = format!("must be 1 to {MAX_QUANTITY}, not {}", line.quantity);
                return Err(Problem::invalid(format!("items[{n}].quantity"), detail));
            }
            total_amount = line
                .unit_price
                .checked_mul(line.quantity.into())
                .and_then(|sum| sum.checked_add(total_amount))
                .filter(|sum| *sum <= MAX_AMOUNT)
                .ok_or_else(|| {
                    let detail = format!("the order would cost more than {MAX_AMOUNT} minor units");
                    Problem::invalid(format!("items[{n}].unitPrice"), detail)
                })?;
        }
        let items = self.items.iter().map(|line| OrderItem {
            sku: line.sku.clone(),
            quantity: line.quantity,
            unit_price: Some(line.unit_price),
        });
        Ok(OrderPlaced {
            order_id,
            customer_id: self.customer_id.clone(),
            items: items.collect(),
            total_amount,
            currency,
        })
    }

    /// What tells two orders apart: the same for two bodies that say the same.
    fn fingerprint(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What an idempotency key was used for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Remembered {
    id: String,
    fingerprint: String,
    order_id: OrderId,
    expires_at: i64,
}

impl Api {
    /// Places an order: its event and, if there is a key, the key's record, in one transaction.
    pub(crate) async fn place_order(&self, request: &Request) -> Result<Response, Problem> {
        let placement: Placement = request.json()?;
        let order_id = OrderId::from_uuid(Uuid::now_v7());
        let placed = placement.placed(order_id.clone())?;
        let event = new_event(&placed, request).map_err(unavailable)?;
        let event = Envelope { version: Some(1), ..event };
        let mut items = vec![put(self.events.put(&event).map_err(unavailable)?)];
        let remembered = key(request)?.map(|key| remember(key, &placement, order_id.clone()));
        if let Some(remembered) = &remembered {
            items.push(put(self.remember_put(remembered)?));
        }
        match self.client.transact_write_items().set_transact_items(Some(items)).send().await {
            Ok(_) => Ok(accepted(&order_id)),
            Err(error) => match remembered {
                Some(remembered) if is_refused(&error) => self.placed_before(&remembered).await,
                _ => Err(unavailable(error)),
            },
        }
    }

    /// The answer to a key that is in use: the order that it was used for, if it was the same one.
    async fn placed_before(&self, now: &Remembered) -> Result<Response, Problem> {
        let read = self
            .client
            .get_item()
            .table_name(&self.tables.ledger)
            .key("id", AttributeValue::S(now.id.clone()))
            .consistent_read(true);
        let item = read.send().await.map_err(unavailable)?.item.ok_or_else(Problem::unavailable)?;
        let before: Remembered = serde_dynamo::from_item(item).map_err(unavailable)?;
        match before.fingerprint == now.fingerprint {
            true => Ok(accepted(&before.order_id)),
            false => Err(Problem::key_reused()),
        }
    }

    /// The write of a key's record. DynamoDB forgets expired ones late, so the time is checked too.
    fn remember_put(&self, remembered: &Remembered) -> Result<Put, Problem> {
        let item = serde_dynamo::to_item(remembered).map_err(unavailable)?;
        let now = AttributeValue::N(Timestamp::now().as_second().to_string());
        Put::builder()
            .table_name(&self.tables.ledger)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(#id) OR #expires < :now")
            .expression_attribute_names("#id", "id")
            .expression_attribute_names("#expires", "expiresAt")
            .expression_attribute_values(":now", now)
            .build()
            .map_err(unavailable)
    }

    /// Shows an order as it stands, or as it was at a time.
    pub(crate) async fn get_order(
        &self,
        id: &OrderId,
        request: &Request,
    ) -> Result<Response, Problem> {
        let at = request.time("at")?;
        let events = self.order_events(id).await.map_err(unavailable)?;
        let order = match at {
            Some(at) => view_at(&events, at).map_err(unavailable)?,
            None => view(&events).map_err(unavailable)?,
        };
        order.map(|order| Response::ok(&order)).ok_or_else(|| match at {
            Some(at) => Problem::not_found(format!("there was no order {id} at {at}")),
            None => unknown(id),
        })
    }
}

/// 404: there is no such order.
pub(crate) fn unknown(id: &OrderId) -> Problem {
    Problem::not_found(format!("there is no order {id}"))
}

fn put(put: Put) -> TransactWriteItem {
    TransactWriteItem::builder().put(put).build()
}

fn accepted(order_id: &OrderId) -> Response {
    let body = json!({"orderId": order_id, "status": "placed"});
    Response::new(202, &body).at(format!("/orders/{order_id}"))
}

/// The idempotency key, if there is one.
fn key(request: &Request) -> Result<Option<&str>, Problem> {
    let Some(key) = request.header("idempotency-key") else { return Ok(None) };
    match (1..=MAX_KEY).contains(&key.len()) {
        true => Ok(Some(key)),
        false => {
            let detail = format!("must be 1 to {MAX_KEY} bytes");
            Err(Problem::invalid("Idempotency-Key", detail))
        }
    }
}

fn remember(key: &str, placement: &Placement, order_id: OrderId) -> Remembered {
    Remembered {
        id: format!("api#order#{key}"),
        fingerprint: placement.fingerprint(),
        order_id,
        expires_at: Timestamp::now().as_second() + KEY_HOURS * 60 * 60,
    }
}

fn is_refused(error: &SdkError<TransactWriteItemsError>) -> bool {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return false;
    };
    let reasons = cancelled.cancellation_reasons();
    reasons.iter().any(|reason| {
        matches!(reason.code(), Some("ConditionalCheckFailed" | "TransactionConflict"))
    })
}
