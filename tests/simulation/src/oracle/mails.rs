//! Email: every order's mail recorded and sent, every contact the newest.

use crate::cloud::Cloud;
use crate::services::Mailbox;
use crate::tables::{self, EMAIL, number, text};
use crate::workload::Expected;
use serde_json::json;

pub(crate) fn check(cloud: &Cloud, expected: &Expected, mailbox: &Mailbox) {
    let item = |id: String| tables::get(&cloud.database, EMAIL, &json!({"id": {"S": id}}));
    let sent = mailbox.counts();
    for placed in &expected.orders {
        let order = &placed.order.order_id;
        if item(format!("mail#{order}#received")).is_null() {
            cloud.history.violation(format!("the mail of {order} is not recorded"));
        }
        if !sent.contains_key(&format!("We have your order {order}")) {
            cloud.history.violation(format!("the mail of {order} was never sent"));
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
    let should = expected.orders.len() + expected.contacts.len();
    if items != should {
        cloud.history.violation(format!("email's table has {items} items, not {should}"));
    }
}
