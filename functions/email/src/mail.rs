//! What the mails say.

use crate::Contact;
use event_schema::{Currency, OrderPlaced};

/// A mail to one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Where it goes.
    pub to: String,
    /// Its subject line, free of anything a customer typed.
    pub subject: String,
    /// Its text.
    pub text: String,
}

impl Mail {
    /// "We have your order."
    pub(crate) fn order_received(order: &OrderPlaced, contact: &Contact) -> Self {
        let lines: Vec<_> =
            order.items.iter().map(|item| format!("  {} x {}", item.quantity, item.sku)).collect();
        Self {
            to: contact.email.clone(),
            subject: format!("We have your order {}", order.order_id),
            text: format!(
                "Dear {},\n\nthank you for your order:\n\n{}\n\nTotal: {}\n",
                contact.name,
                lines.join("\n"),
                amount(order.total_amount, order.currency),
            ),
        }
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
