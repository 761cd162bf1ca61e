//! `GET /customers/{customerId}/orders?limit=&cursor=`

use crate::Api;
use crate::summaries::Summary;
use aws_sdk_dynamodb::types::AttributeValue;
use event_schema::{CustomerId, OrderId};
use fanfare_http::{Paging, Problem, Request, Response, unavailable};
use read_models::views::{
    BY_CUSTOMER, Generation, OWNER, OrderSummary, PK, PLACED_AT, SK, Thing, owner,
};
use serde::Serialize;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

type Item = HashMap<String, AttributeValue>;

/// A customer's orders, newest first.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CustomerOrders<'a> {
    customer_id: &'a CustomerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_name: Option<String>,
    orders: Vec<Summary>,
    /// The cursor of the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Where a page ended. It names no generation, so that it holds across a rebuild.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LastOrder {
    /// Microseconds since 1970.
    placed_at: i64,
    order_id: OrderId,
}

impl fmt::Display for LastOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.placed_at, self.order_id)
    }
}

impl FromStr for LastOrder {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (placed_at, order_id) = text.split_once('.').ok_or(())?;
        let placed_at = placed_at.parse().map_err(|_| ())?;
        Ok(Self { placed_at, order_id: OrderId::new(order_id).map_err(|_| ())? })
    }
}

impl LastOrder {
    fn key(&self, customer: &CustomerId, generation: Generation) -> Item {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        HashMap::from([
            (OWNER.to_owned(), text(&owner(generation, customer))),
            (PLACED_AT.to_owned(), AttributeValue::N(self.placed_at.to_string())),
            (PK.to_owned(), text(&Thing::order(&self.order_id).pk())),
            (SK.to_owned(), text(generation.place())),
        ])
    }
}

impl Api {
    /// Shows a page of a customer's orders, newest first. It may be some moments behind.
    pub(crate) async fn get_customer_orders(
        &self,
        customer: &CustomerId,
        request: &Request,
    ) -> Result<Response, Problem> {
        let paging = Paging::<LastOrder>::of(request)?;
        let (_, (name, items)) = self
            .in_one_generation(async |generation| {
                let name = self.customer_name(customer, generation).await?;
                Ok((name, self.orders_of(customer, generation, &paging).await?))
            })
            .await?;
        if name.is_none() && items.is_empty() && paging.after.is_none() {
            return Err(Problem::not_found(format!("nothing is known of customer {customer}")));
        }
        let is_cut = items.len() > paging.limit.into();
        let page = items.get(..paging.limit.into()).unwrap_or(&items);
        let last = page.last().filter(|_| is_cut).and_then(|(id, kept)| last(id, kept));
        let next = last.as_ref().map(Paging::cursor);
        let summary = |(id, kept): &(OrderId, OrderSummary)| {
            Summary::of(id.to_string(), kept.clone(), name.clone())
        };
        let orders = page.iter().filter_map(summary).collect();
        let orders = CustomerOrders { customer_id: customer, customer_name: name, orders, next };
        Ok(Response::ok(&orders))
    }

    /// A page and, if there is one, the order after it.
    async fn orders_of(
        &self,
        customer: &CustomerId,
        generation: Generation,
        paging: &Paging<LastOrder>,
    ) -> Result<Vec<(OrderId, OrderSummary)>, Problem> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.views)
            .index_name(BY_CUSTOMER)
            .key_condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", OWNER)
            .expression_attribute_values(":owner", AttributeValue::S(owner(generation, customer)))
            .scan_index_forward(false)
            .set_exclusive_start_key(
                paging.after.as_ref().map(|last| last.key(customer, generation)),
            )
            .limit(i32::from(paging.limit) + 1);
        let items = query.send().await.map_err(unavailable)?.items.unwrap_or_default();
        items.into_iter().map(order).collect()
    }
}

/// The order that an item of the index is about.
fn order(item: Item) -> Result<(OrderId, OrderSummary), Problem> {
    let pk = item.get(PK).and_then(|pk| pk.as_s().ok()).map(String::as_str).unwrap_or_default();
    let id = OrderId::new(pk.strip_prefix("order#").unwrap_or_default()).map_err(unavailable)?;
    Ok((id, serde_dynamo::from_item(item).map_err(unavailable)?))
}

fn last(id: &OrderId, kept: &OrderSummary) -> Option<LastOrder> {
    let placement = kept.facts.placement.as_ref()?;
    Some(LastOrder { placed_at: placement.at.as_microsecond(), order_id: id.clone() })
}
