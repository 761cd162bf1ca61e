//! The demo: sample customers, stock and orders, and what every consumer made of them.

mod samples;
mod table;
mod trace;

use crate::api::{Api, ApiArguments, ApiError};
use clap::Args;
use fanfare_cli::{Bar, EXIT_CODES};
use fanfare_operate::Progress;
use samples::Samples;
use serde_json::json;
use std::error::Error;
use std::time::{Duration, Instant};
use trace::Trace;

/// How long the consumers may take for all of the orders.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is asked how far they are.
const INTERVAL: Duration = Duration::from_millis(20);

#[derive(Args)]
#[command(after_help = format!("\
Example:
  fanfare store demo --api http://127.0.0.1:8080

It registers the sample customers and sets the prices and the stock of the sample SKUs first.
{EXIT_CODES}"))]
pub(crate) struct DemoArguments {
    #[command(flatten)]
    api: ApiArguments,
}

/// Shows the demo at a store that runs already.
pub(crate) async fn demo(arguments: &DemoArguments) -> Result<(), Box<dyn Error>> {
    run(&arguments.api.open().await?).await
}

/// Places the sample orders and prints what became of them.
pub(crate) async fn run(api: &Api) -> Result<(), Box<dyn Error>> {
    let samples = Samples::read()?;
    let store = Store { api };
    store.prepare(&samples).await?;
    let orders = store.place(&samples).await?;
    let traces = store.await_consumers(&orders).await?;
    println!("\n{}", table::render(&samples.orders, &traces));
    Ok(())
}

struct Store<'a> {
    api: &'a Api,
}

impl Store<'_> {
    async fn prepare(&self, samples: &Samples) -> Result<(), ApiError> {
        for customer in &samples.customers {
            let path = format!("/customers/{}", customer.customer_id);
            let body = json!({"name": customer.name, "email": customer.email});
            self.api.json("PUT", &path, Some(&body)).await?;
        }
        for stock in &samples.stock {
            let product =
                json!({"name": stock.name, "price": stock.price, "currency": stock.currency});
            let path = format!("/products/{}", stock.sku);
            self.api.json("PUT", &path, Some(&product)).await?;
            let path = format!("/inventory/{}", stock.sku);
            let body = json!({"onHand": stock.on_hand});
            match self.api.json("PUT", &path, Some(&body)).await {
                // On data kept from earlier runs, more may be reserved than the sample has on hand.
                Err(ApiError::Refused { status: 409, .. }) => {}
                answer => drop(answer?),
            }
        }
        println!(
            "registered {} customers, and price and stock of {} SKUs",
            samples.customers.len(),
            samples.stock.len()
        );
        Ok(())
    }

    /// Places the orders, and gives their ids.
    async fn place(&self, samples: &Samples) -> Result<Vec<String>, ApiError> {
        let bar = Bar::new("placing orders");
        bar.expect(samples.orders.len() as u64);
        let mut ids = Vec::new();
        for order in &samples.orders {
            let answer = self.api.json("POST", "/orders", Some(&json!(order))).await?;
            ids.push(answer["orderId"].as_str().unwrap_or_default().to_owned());
            bar.advance(1);
        }
        drop(bar);
        println!("placed {} orders", ids.len());
        for (order, id) in samples.orders.iter().zip(&ids) {
            if order.then_cancel {
                self.api.json("POST", &format!("/orders/{id}/cancel"), None).await?;
                println!("cancelled {id} while its payment is under way");
            }
        }
        Ok(ids)
    }

    /// Waits until every consumer has dealt with every event of the orders, or patience ends.
    async fn await_consumers(&self, orders: &[String]) -> Result<Vec<Trace>, Box<dyn Error>> {
        let begun = Instant::now();
        let bar = Bar::new("waiting for the consumers");
        bar.expect(orders.len() as u64);
        loop {
            let mut traces = Vec::with_capacity(orders.len());
            for order in orders {
                let answer = self.api.get(&format!("/orders/{order}/trace")).await?;
                traces.push(serde_json::from_value::<Trace>(answer)?);
            }
            let settled = traces.iter().filter(|trace| trace.is_settled()).count();
            bar.is_at(settled as u64);
            if settled == orders.len() || begun.elapsed() > PATIENCE {
                drop(bar);
                println!("{settled} of {} orders dealt with by every consumer", orders.len());
                return Ok(traces);
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }
}
