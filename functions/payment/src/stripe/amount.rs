//! Amounts as Stripe counts them, by [its rules](https://docs.stripe.com/currencies): in minor units as ISO 4217 has
//! them, but for a few currencies.

use event_schema::Currency;

/// An amount of minor units as Stripe wants it; `None` when it can't be charged.
pub(super) fn in_stripes_units(amount: u64, currency: Currency) -> Option<u64> {
    match currency {
        // Without decimals, but counted in hundredths.
        Currency::ISK | Currency::UGX => amount.checked_mul(100),
        // Has a fifth as its minor unit, written as two decimals, and is counted whole.
        Currency::MGA => amount.is_multiple_of(100).then_some(amount / 100),
        // Of three decimals the last must be 0.
        _ if currency.exponent() == Some(3) => amount.is_multiple_of(10).then_some(amount),
        _ => Some(amount),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_counted_as_stripe_counts_it() {
        let counted = [
            (1250, Currency::EUR, Some(1250)),
            (1250, Currency::JPY, Some(1250)),
            (5, Currency::ISK, Some(500)),
            (5, Currency::UGX, Some(500)),
            (500, Currency::MGA, Some(5)),
            (5120, Currency::KWD, Some(5120)),
        ];
        for (amount, currency, expected) in counted {
            assert_eq!(in_stripes_units(amount, currency), expected, "{currency}");
        }
    }

    #[test]
    fn an_amount_that_stripe_can_t_express_is_not_rounded() {
        let impossible = [(5124, Currency::KWD), (520, Currency::MGA), (u64::MAX, Currency::ISK)];
        for (amount, currency) in impossible {
            assert_eq!(in_stripes_units(amount, currency), None, "{currency}");
        }
    }
}
