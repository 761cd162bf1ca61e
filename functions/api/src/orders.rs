//! `POST /orders` and `GET /orders/{orderId}?at=`

use crate::{Api, view, view_at};
use event_schema::{Currency, CustomerId, MAX_AMOUNT, OrderId, OrderItem, OrderPlaced, Sku};
use fanfare_http::{Command, Problem, Request, Response, unavailable};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// The most lines that an order may have: with the ledger record and the event they must fit into one
/// transaction of 100 items
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
const MAX_LINES: usize = 90;
/// The most pieces in one line.
const MAX_QUANTITY: u32 = 100_000;

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
        Request::new("POST", "/orders").with_body(body).json()
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
}

impl Api {
    /// Places an order: its event and, if there is a key, the key's record, in one transaction.
    pub(crate) async fn place_order(&self, request: &Request) -> Result<Response, Problem> {
        let placement: Placement = request.json()?;
        let order_id = OrderId::from_uuid(Uuid::now_v7());
        let placed = placement.placed(order_id.clone())?;
        let command = Command::new("order", &placement, accepted(&order_id))?.begin(&placed)?;
        Ok(self.commands.execute(request, command).await?)
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

fn accepted(order_id: &OrderId) -> Response {
    let body = json!({"orderId": order_id, "status": "placed"});
    Response::new(202, &body).at(format!("/orders/{order_id}"))
}
