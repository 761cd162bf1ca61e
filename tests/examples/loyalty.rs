//! A whole consumer: a point for every whole unit of money that an order costs, and the word when a bonus is due.

use event_schema::OrderPlaced;
use fanfare::{Consumer, Event, Failure, Key, Table, Work, Write};

const POINTS: Table = Table::named_by("POINTS_TABLE");

/// An order earned its customer a bonus.
#[fanfare::event(stream = "bonus-{customer}", correlation = order)]
pub struct BonusEarned {
    /// The customer, whose bonuses are one stream.
    pub customer: String,
    /// The order.
    pub order: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare::Error> {
    Consumer::new("loyalty", award).tables([POINTS]).announces::<BonusEarned>().run().await
}

async fn award(order: Event<OrderPlaced>) -> Result<Work, Failure> {
    let order = order.payload;
    let points = i64::try_from(order.total_amount / 100)
        .map_err(|e| Failure::permanent("totalAmount is absurd").caused_by(e))?;
    let customer = Key::new("customerId", order.customer_id.as_str());
    let work = Work::did(format!("{points} points"))
        .write(Write::count(POINTS, customer).add("points", points));
    Ok(match points {
        ..1_000 => work,
        _ => work.announce(&BonusEarned {
            customer: order.customer_id.to_string(),
            order: order.order_id.to_string(),
        }),
    })
}
