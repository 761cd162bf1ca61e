//! `POST /orders` and `GET /orders/{orderId}?at=`

use crate::products::currency;
use crate::{Api, Caller, view, view_at};
use event_schema::{Currency, CustomerId, OrderId, Sku};
use fanfare_http::{Command, Problem, Request, Response, unavailable};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
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
    /// Whose order it is; a customer's own, if it is left out.
    #[serde(default)]
    customer_id: Option<CustomerId>,
    pub(crate) items: Vec<Line>,
    /// The currency in which its customer saw the prices.
    #[serde(default)]
    currency: Option<String>,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Line {
    pub(crate) sku: Sku,
    pub(crate) quantity: u32,
    /// The price that its customer saw.
    #[serde(default)]
    pub(crate) unit_price: Option<u64>,
}

impl Placement {
    /// Reads an order from a body, and checks what can be checked without the catalogue.
    ///
    /// # Errors
    /// 400, naming the field.
    pub fn parse(request: &Request) -> Result<Self, Problem> {
        let placement: Self = request.json()?;
        let lines = placement.items.len();
        if !(1..=MAX_LINES).contains(&lines) {
            let detail = format!("must be 1 to {MAX_LINES}, not {lines}");
            return Err(Problem::invalid("items", detail));
        }
        for (n, line) in placement.items.iter().enumerate() {
            if !(1..=MAX_QUANTITY).contains(&line.quantity) {
                let detail = format!("must be 1 to {MAX_QUANTITY}, not {}", line.quantity);
                return Err(Problem::invalid(format!("items[{n}].quantity"), detail));
            }
        }
        placement.currency()?;
        Ok(placement)
    }

    /// Whose order it is: a customer's own, whatever it says; of staff and machines it has to say.
    ///
    /// # Errors
    /// 403 when a customer places it for another; 400 when it does not say.
    pub fn customer(&self, caller: &Caller) -> Result<CustomerId, Problem> {
        match (caller, &self.customer_id) {
            (Caller::Customer(own), None) => Ok(own.clone()),
            (Caller::Customer(own), Some(named)) if named == own => Ok(own.clone()),
            (Caller::Customer(_), Some(_)) => {
                Err(Problem::forbidden("a customer's orders are their own: leave customerId out"))
            }
            (Caller::Staff | Caller::Machine, Some(named)) => Ok(named.clone()),
            (Caller::Staff | Caller::Machine, None) => {
                Err(Problem::invalid("customerId", "must say whose order it is"))
            }
        }
    }

    /// The currency in which its customer saw the prices, if it says.
    pub(crate) fn currency(&self) -> Result<Option<Currency>, Problem> {
        self.currency.as_deref().map(currency).transpose()
    }
}

impl Api {
    /// Places an order: its event and, if there is a key, the key's record, in one transaction.
    pub(crate) async fn place_order(
        &self,
        caller: &Caller,
        request: &Request,
    ) -> Result<Response, Problem> {
        let placement = Placement::parse(request)?;
        let customer = placement.customer(caller)?;
        let order_id = OrderId::from_uuid(Uuid::now_v7());
        let command = Command::new("order", &placement, accepted(&order_id))?;
        let skus: BTreeSet<&Sku> = placement.items.iter().map(|line| &line.sku).collect();
        let catalogue = self.products(skus).await?;
        match placement.placed(order_id, customer, &catalogue) {
            Ok(placed) => Ok(self.commands.execute(request, command.begin(&placed)?).await?),
            // What was placed with this key is placed, whatever it would cost today.
            Err(problem) => self.commands.answered(request, &command).await?.ok_or(problem),
        }
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
