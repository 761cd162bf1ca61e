//! Charging: every order charged or declined, as the gateway's book has it.

use crate::cloud::Cloud;
use crate::oracle::letters::Usurped;
use crate::relay::TAMPERED_BY;
use crate::services::{Gateway, Outcome};
use crate::tables::{self, CHARGES, number, text};
use crate::workload::Expected;
use serde_json::json;

pub(crate) fn check(cloud: &Cloud, expected: &Expected, gateway: &Gateway, usurped: &Usurped) {
    for placed in &expected.orders {
        let is_usurped = usurped.contains(&("charging", placed.event.clone()));
        let more = if is_usurped { TAMPERED_BY } else { 0 };
        let amount = placed.order.total_amount + more;
        let order = &placed.order.order_id;
        let key = json!({"orderId": {"S": order.as_str()}});
        let item = tables::get(&cloud.database, CHARGES, &key);
        let Some(entry) = gateway.entry(&placed.event) else {
            cloud.history.violation(format!("{order} was never charged: {item}"));
            continue;
        };
        let charge = match &entry.outcome {
            Outcome::Charged { id } => id,
            Outcome::Declined => "",
        };
        let is_right = text(&item, "charge") == charge
            && number(&item, "amount") == Some(amount.cast_signed())
            && entry.amount == amount;
        if !is_right {
            let book = format!("{amount}, and the gateway has {entry:?}");
            cloud.history.violation(format!("{order} was for {book}, but its charge is {item}"));
        }
    }
    let (charges, orders) = (tables::scan(&cloud.database, CHARGES).len(), expected.orders.len());
    if charges != orders {
        cloud.history.violation(format!("{charges} charges for {orders} orders"));
    }
}
