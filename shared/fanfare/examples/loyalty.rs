//! A whole consumer: a point for every whole unit of money that an order costs.

use event_schema::OrderPlaced;
use fanfare::{Consumer, Failure, Key, Table, Work, Write};
use fanfare_event::Event;

const POINTS: Table = Table::named_by("POINTS_TABLE");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare::Error> {
    Consumer::new("loyalty", award).run().await
}

async fn award(order: Event<OrderPlaced>) -> Result<Work, Failure> {
    let order = order.payload;
    let points = i64::try_from(order.total_amount / 100)
        .map_err(|e| Failure::permanent("totalAmount is absurd").caused_by(e))?;
    let customer = Key::new("customerId", order.customer_id.as_str());
    Ok(Work::did(format!("{points} points"))
        .write(Write::count(POINTS, customer).add("points", points)))
}
