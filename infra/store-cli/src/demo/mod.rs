//! The demo: sample customers, stock and orders, and what every consumer made of them.

mod samples;
mod table;
mod trace;

use crate::bar::Bar;
use crate::http_client::{CallError, HttpClient};
use fanfare_operate::Progress;
use http::{Method, StatusCode};
use samples::Samples;
use serde_json::{Value, json};
use std::error::Error;
use std::time::{Duration, Instant};
use trace::Trace;

/// How long the consumers may take for all of the orders.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is asked how far they are.
const INTERVAL: Duration = Duration::from_millis(20);

/// Places the sample orders and prints what became of them.
pub(crate) async fn run(api: &str) -> Result<(), Box<dyn Error>> {
    let samples = Samples::read()?;
    let store = Store { client: HttpClient::new(), api: api.to_owned() };
    store.prepare(&samples).await?;
    let orders = store.place(&samples).await?;
    let traces = store.await_consumers(&orders).await?;
    println!("\n{}", table::render(&samples.orders, &traces));
    Ok(())
}

struct Store {
    client: HttpClient,
    api: String,
}

impl Store {
    async fn prepare(&self, samples: &Samples) -> Result<(), CallError> {
        for customer in &samples.customers {
            let url = format!("{}/customers/{}", self.api, customer.customer_id);
            let body = json!({"name": customer.name, "email": customer.email});
            self.client.json(Method::PUT, &url, Some(&body)).await?;
        }
        for stock in &samples.stock {
            let url = format!("{}/inventory/{}", self.api, stock.sku);
            let body = json!({"onHand": stock.on_hand});
            match self.client.json(Method::PUT, &url, Some(&body)).await {
                // On data kept from earlier runs, more may be reserved than the sample has on hand.
                Err(CallError::Refused { status: StatusCode::CONFLICT, .. }) => {}
                answer => drop(answer?),
            }
        }
        println!(
            "registered {} customers and stock of {} SKUs",
            samples.customers.len(),
            samples.stock.len()
        );
        Ok(())
    }

    /// Places the orders, and gives their ids.
    async fn place(&self, samples: &Samples) -> Result<Vec<String>, CallError> {
        let bar = Bar::new("placing orders");
        bar.expect(samples.orders.len() as u64);
        let mut ids = Vec::new();
        for order in &samples.orders {
            let url = format!("{}/orders", self.api);
            let answer = self.client.json(Method::POST, &url, Some(&json!(order))).await?;
            ids.push(answer["orderId"].as_str().unwrap_or_default().to_owned());
            bar.advance(1);
        }
        drop(bar);
        println!("placed {} orders", ids.len());
        for (order, id) in samples.orders.iter().zip(&ids) {
            if order.then_cancel {
                let url = format!("{}/orders/{id}/cancel", self.api);
                self.client.json(Method::POST, &url, None).await?;
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
                let url = format!("{}/orders/{order}/trace", self.api);
                let answer: Value = self.client.json(Method::GET, &url, None).await?;
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
