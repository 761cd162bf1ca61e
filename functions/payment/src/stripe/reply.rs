//! What the gateway answered, read. Its own words may quote the customer, so only its codes are kept.

use super::GATEWAY;
use bytes::Bytes;
use fanfare::Failure;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The longest code that is kept.
const CODE_LENGTH: usize = 64;

/// An answer as it came.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Whether it is the answer to an earlier request with the same key.
    pub(super) is_replayed: bool,
    pub(super) body: Bytes,
}

/// A [payment intent](https://docs.stripe.com/api/payment_intents/object).
#[derive(Debug, Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) last_payment_error: Option<StripeError>,
}

/// A [refund](https://docs.stripe.com/api/refunds/object).
#[derive(Debug, Deserialize)]
pub(super) struct Refund {
    pub(super) amount: u64,
    pub(super) status: Option<String>,
}

/// A list of them.
#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
}

/// An [error](https://docs.stripe.com/api/errors).
#[derive(Debug, Default, Deserialize)]
pub(super) struct StripeError {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
    decline_code: Option<String>,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: StripeError,
}

impl Reply {
    /// Whether every repeat of its key will get this answer too, which says nothing about what was done.
    pub(super) fn is_spent(&self) -> bool {
        self.is_replayed && self.status >= 500
    }

    /// The answer's body. That it can't be read says nothing about what was done.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|e| {
            Failure::unknown(format!("the gateway's answer {} is unreadable", self.status))
                .caused_by(e)
        })
    }

    /// The error; one without a code when the body is none.
    pub(super) fn error(&self) -> StripeError {
        let body = serde_json::from_slice::<ErrorBody>(&self.body);
        body.map(|body| body.error).unwrap_or_default()
    }

    /// The failure of a request that was refused before anything was done.
    pub(super) fn refusal(&self) -> Failure {
        let code = self.error().code();
        match self.status {
            // Mending the key mends it: the message is worth keeping.
            401 | 403 => Failure::unavailable(
                GATEWAY,
                format!("the gateway does not take the key: {}", self.status),
            ),
            409 | 429 | 500.. => {
                Failure::unavailable(GATEWAY, format!("the gateway answered {}", self.status))
            }
            status => Failure::permanent(format!("the gateway answered {status}: {code}")),
        }
    }
}

impl StripeError {
    /// The error's code, or else its type; `unknown` without either.
    pub(super) fn code(&self) -> String {
        plain(self.code.as_deref().or(self.kind.as_deref()))
    }

    pub(super) fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// Why a charge was declined, as it may be told: [Stripe asks](https://docs.stripe.com/declines/codes) that some
    /// decline codes be told to nobody.
    pub(super) fn reason(&self) -> String {
        match self.decline_code.as_deref() {
            None | Some("generic_decline") => self.code(),
            Some("fraudulent" | "lost_card" | "merchant_blacklist" | "stolen_card") => {
                "card_declined".to_owned()
            }
            decline_code => plain(decline_code),
        }
    }
}

/// A code that is safe in events and logs.
fn plain(code: Option<&str>) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    let code: String =
        code.unwrap_or_default().chars().filter(is_plain).take(CODE_LENGTH).collect();
    match code.is_empty() {
        true => "unknown".to_owned(),
        false => code,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(error: &str) -> String {
        let body = format!(r#"{{"error":{error}}}"#).into();
        Reply { status: 402, is_replayed: false, body }.error().reason()
    }

    #[test]
    fn a_decline_is_told_by_its_finest_code_that_may_be_told() {
        let told = [
            (r#"{"code":"card_declined"}"#, "card_declined"),
            (r#"{"code":"card_declined","decline_code":"generic_decline"}"#, "card_declined"),
            (
                r#"{"code":"card_declined","decline_code":"insufficient_funds"}"#,
                "insufficient_funds",
            ),
            (r#"{"code":"card_declined","decline_code":"stolen_card"}"#, "card_declined"),
            (r#"{"code":"expired_card","decline_code":"expired_card"}"#, "expired_card"),
            ("{}", "unknown"),
        ];
        for (error, expected) in told {
            assert_eq!(reason(error), expected, "{error}");
        }
    }

    #[test]
    fn a_code_brings_nothing_else_along() {
        assert_eq!(reason(r#"{"code":"a b<c>\n"}"#), "abc");
        assert_eq!(reason(&format!(r#"{{"code":"{}"}}"#, "x".repeat(1000))).len(), CODE_LENGTH);
        let html = Reply { status: 502, is_replayed: false, body: "<html>".into() };
        assert_eq!(html.refusal().to_string(), "the gateway answered 502");
    }
}
