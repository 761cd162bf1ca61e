//! Charges for every order: an effect that its receiver knows when it is repeated, and whose outcome decides.

use crate::services::{Charge, Outcome};
use consumer::{Consumer, Failure, Key, Only, State, Table, Work, Write};
use event_schema::{Event, OrderPlaced};
use serde_json::json;
use std::future::Future;

const CHARGES: Table = Table::named_by("CHARGES_TABLE");

/// The consumer, which charges by `charge`.
pub(crate) fn charging<A, G>(charge: A) -> Consumer<OrderPlaced, Charge>
where
    A: Fn(Charge) -> G + Send + Sync + 'static,
    G: Future<Output = Result<Outcome, Failure>> + Send + 'static,
{
    Consumer::with_effects("charging", |_| Vec::new(), decide, charge)
}

async fn decide(event: Event<OrderPlaced>, _: State) -> Result<Work<Charge, Outcome>, Failure> {
    let amount = event.payload.total_amount;
    let key = Key::new("orderId", event.payload.order_id.as_str());
    let charge = Charge { key: event.id.to_string(), amount };
    let write = move |item| Write::put(CHARGES, key, &item, Only::IfAbsent);
    Ok(Work::act(charge, move |outcome| match outcome {
        Outcome::Charged { id } => {
            Work::did("charged").write(write(json!({"charge": id, "amount": amount})))
        }
        Outcome::Declined => Work::did("declined").write(write(json!({"amount": amount}))),
    }))
}
