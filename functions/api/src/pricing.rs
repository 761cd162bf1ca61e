//! What an order costs: the catalogue says so, and not who places it.

use crate::orders::{Line, Placement};
use crate::{Catalogue, Product};
use event_schema::{Currency, CustomerId, MAX_AMOUNT, OrderId, OrderItem, OrderPlaced, Sku};
use fanfare_http::Problem;
use serde::Serialize;

/// A price that is no longer what the customer saw.
#[derive(Debug, Serialize)]
struct Changed<'a> {
    sku: &'a Sku,
    seen: Seen,
    today: Price,
}

/// What the order says that its customer saw.
#[derive(Debug, Serialize)]
struct Seen {
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
}

/// A price of today.
#[derive(Debug, Serialize)]
struct Price {
    price: u64,
    currency: Currency,
}

impl Placement {
    /// The event that the order becomes, at the catalogue's prices.
    ///
    /// # Errors
    /// 422, naming what is not sold or not sold together; 409 with every price that its customer saw and that has changed;
    /// 400 when it costs more than an amount can be.
    pub fn placed(
        &self,
        order_id: OrderId,
        customer_id: CustomerId,
        catalogue: &Catalogue,
    ) -> Result<OrderPlaced, Problem> {
        let lines = self.priced(catalogue)?;
        let seen_in = self.currency()?;
        check_unchanged(&lines, seen_in)?;
        let currency = one_currency(&lines)?;
        let mut total_amount: u64 = 0;
        let mut items = Vec::with_capacity(lines.len());
        for (n, (line, product)) in lines.iter().enumerate() {
            let cost = product.price.checked_mul(line.quantity.into());
            let sum = cost.and_then(|cost| cost.checked_add(total_amount));
            total_amount = sum.filter(|sum| *sum <= MAX_AMOUNT).ok_or_else(|| {
                let detail = format!("the order would cost more than {MAX_AMOUNT} minor units");
                Problem::invalid(format!("items[{n}].quantity"), detail)
            })?;
            items.push(OrderItem {
                sku: line.sku.clone(),
                quantity: line.quantity,
                unit_price: Some(product.price),
            });
        }
        Ok(OrderPlaced { order_id, customer_id, items, total_amount, currency })
    }

    /// Each line with its product.
    fn priced<'a>(
        &'a self,
        catalogue: &'a Catalogue,
    ) -> Result<Vec<(&'a Line, &'a Product)>, Problem> {
        let product = |line: &'a Line| catalogue.get(&line.sku).map(|product| (line, product));
        let unknown = |line: &&Line| !catalogue.contains_key(&line.sku);
        if let Some(place) = self.items.iter().position(|line| unknown(&line)) {
            let skus: Vec<&str> =
                self.items.iter().filter(unknown).map(|line| line.sku.as_str()).collect();
            let detail = format!("not sold here: {}", skus.join(", "));
            let problem = Problem::unprocessable(format!("items[{place}].sku"), detail);
            return Err(problem.titled("Unknown product").with("unknown", &skus));
        }
        Ok(self.items.iter().filter_map(product).collect())
    }
}

/// Refuses an order whose customer saw other prices.
fn check_unchanged(lines: &[(&Line, &Product)], seen_in: Option<Currency>) -> Result<(), Problem> {
    let has_changed = |(line, product): &(&Line, &Product)| {
        line.unit_price.is_some_and(|seen| seen != product.price)
            || seen_in.is_some_and(|seen| seen != product.currency)
    };
    let Some(place) = lines.iter().position(has_changed) else { return Ok(()) };
    let changed = lines.iter().filter(|line| has_changed(line)).map(|(line, product)| Changed {
        sku: &line.sku,
        seen: Seen { price: line.unit_price, currency: seen_in },
        today: Price { price: product.price, currency: product.currency },
    });
    let changed: Vec<_> = changed.collect();
    let said: Vec<_> = changed.iter().map(Changed::said).collect();
    let detail = format!("{}: order again at the price of today", said.join("; "));
    let problem = Problem::conflict(format!("items[{place}].unitPrice"), detail);
    Err(problem.titled("Price changed").with("changed", &changed))
}

impl Changed<'_> {
    fn said(&self) -> String {
        let Self { sku, seen, today } = self;
        let currency = seen.currency.unwrap_or(today.currency).code();
        let now = format!("{} {}", today.price, today.currency.code());
        match seen.price {
            Some(price) => format!("{sku} costs {now} now, not {price} {currency}"),
            None => format!("{sku} costs {now} now, which is not in {currency}"),
        }
    }
}

/// The currency of all lines.
fn one_currency(lines: &[(&Line, &Product)]) -> Result<Currency, Problem> {
    let first = lines.first().map_or(Currency::USD, |(_, product)| product.currency);
    match lines.iter().position(|(_, product)| product.currency != first) {
        None => Ok(first),
        Some(place) => {
            let detail = format!(
                "is sold in another currency than items[0], which is in {}: place an order for each currency",
                first.code()
            );
            Err(Problem::unprocessable(format!("items[{place}].sku"), detail))
        }
    }
}
