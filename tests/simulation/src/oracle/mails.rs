//! Email: one mail of each kind recorded and sent for what happened to an order, every contact the newest.

use crate::cloud::Cloud;
use crate::oracle::lives::Life;
use crate::services::Mailbox;
use crate::tables::{self, EMAIL, number, text};
use crate::workload::Expected;
use serde_json::json;

pub(crate) fn check(cloud: &Cloud, expected: &Expected, lives: &[Life<'_>], mailbox: &Mailbox) {
    let item = |id: String| tables::get(&cloud.database, EMAIL, &json!({"id": {"S": id}}));
    let sent = mailbox.counts();
    let mut should = expected.contacts.len();
    for life in lives {
        let order = life.id();
        let mails = [
            ("OrderPlaced", "received", format!("We have your order {order}")),
            ("OrderConfirmed", "confirmed", format!("Your order {order} is confirmed")),
            ("OrderShipped", "shipped", format!("Your order {order} has left")),
            ("OrderCancelled", "cancelled", format!("Your order {order} is cancelled")),
        ];
        for (event, kind, subject) in mails {
            let is_recorded = !item(format!("mail#{order}#{kind}")).is_null();
            let is_due = life.has(event);
            should += usize::from(is_due);
            if is_recorded != is_due || sent.contains_key(&subject) != is_due {
                let is = if is_due { "should have been" } else { "should not have been" };
                cloud.history.violation(format!("{subject:?} {is} sent and recorded"));
            }
        }
    }
    for (customer, (address, version)) in &expected.contacts {
        let contact = item(format!("contact#{customer}"));
        if text(&contact, "email") != address || number(&contact, "version") != Some(*version) {
            let should = format!("{address} by version {version}");
            cloud.history.violation(format!("{customer}'s contact should be {should}: {contact}"));
        }
    }
    let items = tables::scan(&cloud.database, EMAIL).len();
    if items != should {
        cloud.history.violation(format!("email's table has {items} items, not {should}"));
    }
}
