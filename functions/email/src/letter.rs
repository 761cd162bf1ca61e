//! What the mails say. The templates are in `templates/`; in HTML, what a customer typed is escaped.

use crate::{Contact, Mail};
use askama::Template;
use event_schema::{
    CancellationReason, Currency, CustomerId, OrderCancelled, OrderConfirmed, OrderId, OrderItem,
    OrderPlaced, OrderShipped,
};
use fanfare::Failure;

/// Something that a customer is told about an order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Letter {
    pub(crate) order_id: OrderId,
    pub(crate) customer_id: CustomerId,
    /// What it is about, in a word: an order gets one letter of each kind.
    pub(crate) kind: &'static str,
    subject: String,
    opening: String,
    items: Vec<OrderItem>,
    total: Option<String>,
}

#[derive(Template)]
#[template(path = "letter.txt")]
struct Text<'a> {
    name: &'a str,
    opening: &'a str,
    lines: &'a [OrderItem],
    total: Option<&'a str>,
    order_id: &'a OrderId,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct Html<'a> {
    name: &'a str,
    opening: &'a str,
    lines: &'a [OrderItem],
    total: Option<&'a str>,
    order_id: &'a OrderId,
}

impl From<OrderPlaced> for Letter {
    fn from(order: OrderPlaced) -> Self {
        Self {
            subject: format!("We have your order {}", order.order_id),
            opening: "thank you for your order:".to_owned(),
            total: Some(amount(order.total_amount, order.currency)),
            order_id: order.order_id,
            customer_id: order.customer_id,
            kind: "received",
            items: order.items,
        }
    }
}

impl From<OrderConfirmed> for Letter {
    fn from(order: OrderConfirmed) -> Self {
        Self {
            subject: format!("Your order {} is confirmed", order.order_id),
            opening: "your payment has arrived, and your order is on its way to you soon:"
                .to_owned(),
            total: Some(amount(order.total_amount, order.currency)),
            order_id: order.order_id,
            customer_id: order.customer_id,
            kind: "confirmed",
            items: order.items,
        }
    }
}

impl From<OrderShipped> for Letter {
    fn from(order: OrderShipped) -> Self {
        Self {
            subject: format!("Your order {} has left", order.order_id),
            opening: format!("your order has left us, {} in all.", pieces(order.pieces)),
            total: None,
            order_id: order.order_id,
            customer_id: order.customer_id,
            kind: "shipped",
            items: Vec::new(),
        }
    }
}

impl From<OrderCancelled> for Letter {
    fn from(order: OrderCancelled) -> Self {
        let why = match order.reason {
            CancellationReason::OutOfStock => "we do not have enough of what you ordered",
            CancellationReason::PaymentDeclined => "your payment was declined",
            CancellationReason::CustomerRequest => "you asked for it",
            CancellationReason::TimedOut => "we could not settle it in time",
        };
        Self {
            subject: format!("Your order {} is cancelled", order.order_id),
            opening: format!(
                "your order is cancelled, because {why}. If you were charged, you get your money back."
            ),
            total: Some(amount(order.total_amount, order.currency)),
            order_id: order.order_id,
            customer_id: order.customer_id,
            kind: "cancelled",
            items: order.items,
        }
    }
}

impl Letter {
    /// The letter as a mail to a contact.
    ///
    /// # Errors
    /// None in practice: the templates do not fail. The signature leaves the case to the caller.
    pub(crate) fn to(&self, contact: &Contact) -> Result<Mail, Failure> {
        let unwritten =
            |e: askama::Error| Failure::permanent("the mail is unwritable").caused_by(e);
        let Self { order_id, opening, items: lines, .. } = self;
        let (name, total) = (contact.name.as_str(), self.total.as_deref());
        Ok(Mail {
            to: contact.email.clone(),
            subject: self.subject.clone(),
            text: Text { name, opening, lines, total, order_id }.render().map_err(unwritten)?,
            html: Html { name, opening, lines, total, order_id }.render().map_err(unwritten)?,
        })
    }
}

fn pieces(number: u64) -> String {
    match number {
        1 => "1 piece".to_owned(),
        _ => format!("{number} pieces"),
    }
}

/// An amount as people read it: `12.50 EUR`, `1250 JPY`.
fn amount(minor_units: u64, currency: Currency) -> String {
    let digits = currency.exponent().unwrap_or(0);
    let code = currency.code();
    match 10_u64.checked_pow(digits.into()) {
        Some(unit) if digits > 0 => {
            let width = usize::from(digits);
            format!("{}.{:0width$} {code}", minor_units / unit, minor_units % unit)
        }
        _ => format!("{minor_units} {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_as_many_decimals_as_its_currency() {
        assert_eq!(amount(1250, Currency::EUR), "12.50 EUR");
        assert_eq!(amount(5, Currency::USD), "0.05 USD");
        assert_eq!(amount(1250, Currency::JPY), "1250 JPY");
        assert_eq!(amount(1250, Currency::KWD), "1.250 KWD");
    }
}
