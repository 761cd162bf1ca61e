//! Money: what the gateway took and did not give back is what the confirmed orders cost.

use crate::cloud::Cloud;
use crate::oracle::letters::Usurped;
use crate::oracle::lives::Life;
use crate::services::Gateway;
use crate::tampering::TAMPERED_BY;
use payment::Answer;

pub(crate) fn check(cloud: &Cloud, lives: &[Life<'_>], gateway: &Gateway, usurped: &Usurped) {
    for life in lives {
        let entries = gateway.entries(life.id());
        let is_usurped = usurped.contains(&("payment", life.placed.event.clone()));
        let due = life.placed.order.total_amount + if is_usurped { TAMPERED_BY } else { 0 };
        let charges: Vec<_> = entries
            .iter()
            .filter_map(|entry| match &entry.answer {
                Answer::Charged { payment_id } => Some((payment_id, entry.amount)),
                _ => None,
            })
            .collect();
        if due == 0 {
            if !charges.is_empty() {
                cloud.history.violation(format!("{} is free, and is charged", life.id()));
            }
            continue;
        }
        let refunds =
            entries.iter().filter(|e| matches!(e.answer, Answer::Refunded { .. })).count();
        let (charged, refunded) = match life.has("OrderCancelled") {
            true => (charges.len().min(1), charges.len()),
            false => (1, 0),
        };
        let is_right = (charges.len(), refunds) == (charged, refunded)
            && charges.iter().all(|(_, amount)| *amount == due)
            && life.has("PaymentProcessed") == (charged == 1);
        if !is_right {
            cloud.history.violation(format!("{} of {due} has the book {entries:?}", life.id()));
        }
        for event in ["PaymentProcessed", "PaymentRefunded"].map(|name| life.event(name)) {
            let Some(payload) = event.map(|event| &event["payload"]) else { continue };
            let is_charge = |(id, amount): &(&String, u64)| {
                payload["paymentId"] == id.as_str() && payload["amount"] == *amount
            };
            if !charges.iter().any(is_charge) {
                cloud.history.violation(format!("{payload} is not in the book {entries:?}"));
            }
        }
    }
}
