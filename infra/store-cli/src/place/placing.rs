//! Placing orders.

use super::orders::Order;
use crate::api::{Api, ApiError, reason};
use fanfare_operate::Stop;
use futures_util::stream::{self, Stream, StreamExt};
use serde::Serialize;
use serde_json::Value;

/// Orders on their way at once.
const PARALLEL: usize = 8;

/// What became of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Placed {
    /// Its place in the file, from 1.
    pub(crate) number: usize,
    /// The idempotency key that it was posted with.
    pub(crate) key: String,
    /// How it went.
    #[serde(flatten)]
    pub(crate) placing: Placing,
}

/// How placing an order went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "camelCase")]
pub(crate) enum Placing {
    /// It is placed: now, or when it was posted with the same key before.
    #[serde(rename_all = "camelCase")]
    Placed {
        /// The order's id.
        order_id: String,
    },
    /// It is not.
    Refused {
        /// The HTTP status.
        status: u16,
        /// Why, in the API's words.
        reason: String,
    },
}

impl Api {
    /// Places orders, several at once, and gives what became of each in their order. A stop ends it after those
    /// that are on their way.
    pub(crate) fn place<'a>(
        &'a self,
        orders: &'a [Order],
        stop: &'a Stop,
    ) -> impl Stream<Item = Result<Placed, ApiError>> + 'a {
        stream::iter(orders)
            .take_while(|_| std::future::ready(!stop.is_requested()))
            .map(|order| self.place_one(order))
            .buffered(PARALLEL)
    }

    async fn place_one(&self, order: &Order) -> Result<Placed, ApiError> {
        let headers = [("idempotency-key", order.key.as_str())];
        let answer = self.call("POST", "/orders", &headers, &order.body).await?;
        let order_id = answer.body.get("orderId").and_then(Value::as_str);
        let placing = match order_id.filter(|_| answer.status < 300) {
            Some(order_id) => Placing::Placed { order_id: order_id.to_owned() },
            None => Placing::Refused { status: answer.status, reason: reason(&answer.body) },
        };
        Ok(Placed { number: order.number, key: order.key.clone(), placing })
    }
}
