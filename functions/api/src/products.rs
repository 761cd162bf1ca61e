//! `PUT /products/{sku}`, `GET /products/{sku}` and `GET /products?limit=&cursor=`: what is sold, and at which price.

use crate::Api;
use crate::names::check_name;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use event_schema::{Currency, MAX_AMOUNT, Sku};
use fanfare::InvalidId;
use fanfare_http::{Paging, Problem, Request, Response, unavailable};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The attribute that is the table's key.
const SKU: &str = "sku";
/// How often the keys are asked for that a batch left out, which DynamoDB does when it throttles.
const TRIES: u32 = 4;
/// The pause before the second try; it doubles from try to try.
const PAUSE: Duration = Duration::from_millis(25);

type Item = HashMap<String, AttributeValue>;

/// A product as it is sold today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// What it is called.
    pub name: String,
    /// What a piece costs, in minor units.
    pub price: u64,
    /// The currency of its price.
    pub currency: Currency,
}

/// What is sold, by SKU.
pub type Catalogue = BTreeMap<Sku, Product>;

/// A product as it is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewProduct {
    name: String,
    price: u64,
    currency: String,
}

/// A product as it is stored and shown.
#[derive(Debug, Serialize, Deserialize)]
struct Listed {
    sku: Sku,
    #[serde(flatten)]
    product: Product,
}

/// A page of products, in no order.
#[derive(Debug, Serialize)]
struct Page {
    products: Vec<Listed>,
    /// The cursor of the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Where a page ended.
#[derive(Debug)]
struct Last(Sku);

impl fmt::Display for Last {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Last {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Sku::new(text).map(Self)
    }
}

impl NewProduct {
    fn check(self) -> Result<Product, Problem> {
        check_name("name", &self.name)?;
        if self.price > MAX_AMOUNT {
            let detail = format!("must be {MAX_AMOUNT} minor units at the most");
            return Err(Problem::invalid("price", detail));
        }
        let currency = currency(&self.currency)?;
        Ok(Product { name: self.name, price: self.price, currency })
    }
}

/// A currency by its code.
///
/// # Errors
/// 400, naming the field.
pub(crate) fn currency(code: &str) -> Result<Currency, Problem> {
    Currency::from_code(code).ok_or_else(|| {
        Problem::invalid("currency", format!("{code:?} is no ISO 4217 code such as EUR"))
    })
}

impl Api {
    /// Puts a product into the catalogue, or changes it. What was ordered before keeps its price.
    pub(crate) async fn put_product(
        &self,
        sku: &Sku,
        request: &Request,
    ) -> Result<Response, Problem> {
        let product = request.json::<NewProduct>()?.check()?;
        let listed = Listed { sku: sku.clone(), product };
        let item = serde_dynamo::to_item(&listed).map_err(unavailable)?;
        let put = self.client.put_item().table_name(&self.tables.products).set_item(Some(item));
        put.send().await.map_err(unavailable)?;
        Ok(Response::ok(&listed))
    }

    /// Shows a product.
    pub(crate) async fn get_product(&self, sku: &Sku) -> Result<Response, Problem> {
        let found = self.products([sku]).await?.remove(sku);
        let product = found.ok_or_else(|| Problem::not_found(format!("there is no {sku}")))?;
        Ok(Response::ok(&Listed { sku: sku.clone(), product }))
    }

    /// Shows a page of what is sold. The pages are those of a scan, so that no partition holds the whole catalogue.
    pub(crate) async fn get_products(&self, request: &Request) -> Result<Response, Problem> {
        let Paging { limit, after } = Paging::<Last>::of(request)?;
        let start = after.map(|Last(sku)| key(&sku));
        let scan = self.client.scan().table_name(&self.tables.products).limit(limit.into());
        let answer = scan.set_exclusive_start_key(start).send().await.map_err(unavailable)?;
        let last = answer.last_evaluated_key.as_ref().and_then(|key| key.get(SKU)?.as_s().ok());
        let next = last.and_then(|sku| Sku::new(sku).ok()).map(|sku| Paging::cursor(&Last(sku)));
        let items = answer.items.unwrap_or_default();
        let products = serde_dynamo::from_items(items).map_err(unavailable)?;
        Ok(Response::ok(&Page { products, next }))
    }

    /// These products, as far as they are sold: one request, which sees every change that was answered before.
    pub(crate) async fn products<'a>(
        &self,
        skus: impl IntoIterator<Item = &'a Sku>,
    ) -> Result<Catalogue, Problem> {
        let table = &self.tables.products;
        let mut keys: Vec<Item> = skus.into_iter().map(key).collect();
        let mut found = Catalogue::new();
        for attempt in 0..TRIES {
            if let Some(doublings) = attempt.checked_sub(1) {
                tokio::time::sleep(PAUSE * (1 << doublings)).await;
            }
            let asked = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
            let asked = asked.build().map_err(unavailable)?;
            let read = self.client.batch_get_item().request_items(table, asked).send().await;
            let answer = read.map_err(unavailable)?;
            let items = answer.responses.and_then(|mut tables| tables.remove(table));
            let listed: Vec<Listed> =
                serde_dynamo::from_items(items.unwrap_or_default()).map_err(unavailable)?;
            found.extend(listed.into_iter().map(|listed| (listed.sku, listed.product)));
            let left = answer.unprocessed_keys.and_then(|mut tables| tables.remove(table));
            keys = left.map(|left| left.keys).unwrap_or_default();
            if keys.is_empty() {
                return Ok(found);
            }
        }
        Err(Problem::unavailable())
    }
}

fn key(sku: &Sku) -> Item {
    HashMap::from([(SKU.to_owned(), AttributeValue::S(sku.to_string()))])
}
