//! `PUT /inventory/{sku}` and `GET /inventory/{sku}`
//!
//! What is on hand is set as it was counted, and the change is told by an event in the same transaction, so that the stock
//! can be built anew from the events. A count is true when it is taken: applied once more, after sales, it would bring back
//! what was sold. So a `PUT` needs an `Idempotency-Key`, as every command of this API takes one. `If-Match` would
//! guard as well, but answer a repeat whose first answer was lost with 412, which looks like somebody else's change.

use crate::Api;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use event_schema::{Sku, StockAdjusted};
use fanfare_http::{Command, CommandError, Problem, Request, Response, unavailable};
use read_models::stock::{AVAILABLE, RESERVED, SKU};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The most that can be on hand: far above any warehouse, far below an overflow.
const MAX_ON_HAND: u64 = 1_000_000_000;

/// How often a change is decided again when another came in between.
const TRIES: u32 = 5;

#[derive(Serialize, Deserialize)]
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

/// What is there of a SKU.
#[derive(Clone, Copy, Default)]
struct Stock {
    available: u64,
    reserved: u64,
}

impl Stock {
    fn on_hand(self) -> u64 {
        self.available + self.reserved
    }

    fn view(self, sku: &Sku) -> Response {
        let Self { available, reserved } = self;
        Response::ok(&StockView { sku, on_hand: self.on_hand(), reserved, available })
    }
}

impl Api {
    /// Sets what is on hand; what is reserved stays reserved.
    pub(crate) async fn put_stock(
        &self,
        sku: &Sku,
        request: &Request,
    ) -> Result<Response, Problem> {
        let asked: NewStock = request.json()?;
        if asked.on_hand > MAX_ON_HAND {
            let detail = format!("must be {MAX_ON_HAND} at the most");
            return Err(Problem::invalid("onHand", detail));
        }
        if request.idempotency_key()?.is_none() {
            let detail = "is required: a count that is repeated without one would bring back what was sold in between";
            return Err(Problem::invalid("Idempotency-Key", detail));
        }
        for _ in 0..TRIES {
            if let Some(response) = self.adjust(sku, &asked, request).await? {
                return Ok(response);
            }
        }
        Err(Problem::unavailable())
    }

    /// Tries to set what is on hand; `None` when something came in between.
    async fn adjust(
        &self,
        sku: &Sku,
        asked: &NewStock,
        request: &Request,
    ) -> Result<Option<Response>, Problem> {
        // The stream first: a count that comes in between moves it. What orders take in between counts as taken after this.
        let last = self.events.head(&format!("stock-{sku}")).await.map_err(unavailable)?;
        let before = self.stock(sku).await?.unwrap_or_default();
        let available = asked.on_hand.checked_sub(before.reserved);
        let after = Stock { available: available.unwrap_or(0), reserved: before.reserved };
        let command = Command::new("put-stock", &(sku, asked), after.view(sku))?;
        if available.is_none() {
            let detail = format!("{} are reserved for orders already", before.reserved);
            let answered = self.commands.answered(request, &command).await?;
            return answered.map(Some).ok_or_else(|| Problem::conflict("onHand", detail));
        }
        let by = i64::try_from(asked.on_hand).unwrap_or(i64::MAX)
            - i64::try_from(before.on_hand()).unwrap_or(i64::MAX);
        let event = StockAdjusted { sku: sku.clone(), by, on_hand: asked.on_hand };
        let write = self.count(sku, by).map_err(unavailable)?;
        let command = command.after(last, &event)?.write(write);
        match self.commands.execute(request, command).await {
            Ok(response) => Ok(Some(response)),
            Err(CommandError::StreamMoved { .. } | CommandError::Refused) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The write that changes what is available, which never falls below 0. Orders need not wait for it, nor it for them:
    /// it adds, whatever they take meanwhile.
    fn count(&self, sku: &Sku, by: i64) -> Result<TransactWriteItem, BuildError> {
        let number = |n: i64| AttributeValue::N(n.to_string());
        let update = Update::builder()
            .table_name(&self.tables.stock)
            .key(SKU, AttributeValue::S(sku.to_string()))
            .update_expression("SET #a = if_not_exists(#a, :0) + :by, #r = if_not_exists(#r, :0)")
            .expression_attribute_names("#a", AVAILABLE)
            .expression_attribute_names("#r", RESERVED)
            .expression_attribute_values(":0", number(0))
            .expression_attribute_values(":by", number(by));
        let update = match by < 0 {
            true => update
                .condition_expression("#a >= :fewer")
                .expression_attribute_values(":fewer", number(-by)),
            false => update,
        };
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }

    /// Shows the stock of a SKU.
    pub(crate) async fn get_stock(&self, sku: &Sku) -> Result<Response, Problem> {
        let stock = self.stock(sku).await?;
        let stock = stock.ok_or_else(|| Problem::not_found(format!("there is no stock of {sku}")));
        Ok(stock?.view(sku))
    }

    async fn stock(&self, sku: &Sku) -> Result<Option<Stock>, Problem> {
        let read = self
            .client
            .get_item()
            .table_name(&self.tables.stock)
            .key(SKU, AttributeValue::S(sku.to_string()))
            .consistent_read(true);
        let item = read.send().await.map_err(unavailable)?.item;
        Ok(item.map(|item| Stock {
            available: number(&item, AVAILABLE),
            reserved: number(&item, RESERVED),
        }))
    }
}

fn number(item: &HashMap<String, AttributeValue>, name: &str) -> u64 {
    item.get(name).and_then(|v| v.as_n().ok()).and_then(|n| n.parse().ok()).unwrap_or(0)
}
