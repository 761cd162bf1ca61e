//! Charging, and making sure that nothing is charged.

use super::amount::in_stripes_units;
use super::connection::{Call, KEYS, Missed};
use super::reply::{Intent, Reply};
use super::{GATEWAY, Stripe};
use crate::{Answer, Request};
use fanfare::Failure;

/// The reason of a charge that the gateway can't express.
const AMOUNT_INVALID: &str = "amount_invalid";

/// What came of asking for an intent.
enum Opened {
    /// It is there, by this id.
    Intent(String),
    /// There is none for such an amount.
    Declined(String),
}

impl Stripe {
    pub(super) async fn charge(&self, request: &Request) -> Result<Answer, Failure> {
        let id = match self.open(request).await? {
            Opened::Intent(id) => id,
            Opened::Declined(reason) => return Ok(Answer::Declined { reason }),
        };
        self.confirm(&id, &format!("{}/confirm", request.key)).await
    }

    /// Has an intent's charge made, under the first key that is not spent. An intent is confirmed once, under whatever keys.
    async fn confirm(&self, id: &str, first: &str) -> Result<Answer, Failure> {
        let confirm = Call::post(
            format!("/v1/payment_intents/{id}/confirm"),
            &[("error_on_requires_action", "true")],
        );
        for n in 1..=KEYS {
            let reply =
                self.connection.call(confirm.nth(n, first)).await.map_err(may_have_charged)?;
            let is_spent = reply.is_spent();
            if let Some(answer) = self.confirmed(id, reply).await? {
                return Ok(answer);
            }
            if !is_spent {
                break;
            }
        }
        Err(Failure::unknown("the charge is not settled"))
    }

    /// What the answer to a confirmation says of the charge; `None` when it is not settled.
    async fn confirmed(&self, id: &str, reply: Reply) -> Result<Option<Answer>, Failure> {
        match reply.status {
            200 => match outcome(&reply.read::<Intent>()?) {
                Some(answer) => Ok(Some(answer)),
                None => self.look(id).await,
            },
            402 => Ok(Some(Answer::Declined { reason: reply.error().reason() })),
            400 if is_unexpected_state(&reply) => self.look(id).await,
            // It may be done all the same, and another request with this key may be under way.
            409 | 500.. => self.look(id).await,
            _ => Err(reply.refusal()),
        }
    }

    pub(super) async fn withdraw(&self, request: &Request) -> Result<Answer, Failure> {
        let id = match self.open(request).await? {
            Opened::Intent(id) => id,
            Opened::Declined(_) => return Ok(Answer::Withdrawn),
        };
        // Without an idempotency key: a repeat is to meet the intent as it is by then.
        let cancel = Call::post(format!("/v1/payment_intents/{id}/cancel"), &[]);
        let reply = self.connection.call(cancel).await.map_err(harmless)?;
        match reply.status {
            200 => Ok(Answer::Withdrawn),
            400 if is_unexpected_state(&reply) => {
                self.look(&id).await?.ok_or_else(|| Failure::unknown("the charge is not settled"))
            }
            _ => Err(reply.refusal()),
        }
    }

    /// The intent of a charge: made now, or found again by its key. It moves no money.
    async fn open(&self, request: &Request) -> Result<Opened, Failure> {
        let due = &request.due;
        let Some(amount) = in_stripes_units(due.amount, due.currency) else {
            return Ok(Opened::Declined(AMOUNT_INVALID.to_owned()));
        };
        let create = Call::post(
            "/v1/payment_intents".to_owned(),
            &[
                ("amount", &amount.to_string()),
                ("currency", &due.currency.code().to_lowercase()),
                ("payment_method", &self.method),
                ("payment_method_types[]", "card"),
                ("metadata[order_id]", request.order_id.as_str()),
                ("metadata[customer_id]", due.customer_id.as_str()),
            ],
        );
        let reply = self.connection.call_once(&create, &request.key).await.map_err(harmless)?;
        let error = reply.error();
        match reply.status {
            200 => Ok(Opened::Intent(reply.read::<Intent>()?.id)),
            400 if error.is("amount_too_small") || error.is("amount_too_large") => {
                Ok(Opened::Declined(error.code()))
            }
            _ => Err(reply.refusal()),
        }
    }

    /// Looks what became of an intent; `None` when its charge is not settled.
    async fn look(&self, id: &str) -> Result<Option<Answer>, Failure> {
        let unknown = || Failure::unknown("the gateway may have charged");
        let look = Call::get(format!("/v1/payment_intents/{id}"));
        let reply = match self.connection.call(look).await {
            Ok(reply) if reply.status == 200 => reply,
            Ok(reply) => return Err(unknown().caused_by(reply.refusal())),
            Err(Missed::NotSent(failure)) => return Err(unknown().caused_by(failure)),
            Err(Missed::Unanswered(lost)) => return Err(unknown().caused_by(lost)),
        };
        Ok(outcome(&reply.read::<Intent>()?))
    }
}

/// What an intent's [status](https://docs.stripe.com/payments/paymentintents/lifecycle) says of the charge; `None` when
/// it is not settled.
fn outcome(intent: &Intent) -> Option<Answer> {
    let declined = |reason: String| Some(Answer::Declined { reason });
    match intent.status.as_str() {
        "succeeded" => Some(Answer::Charged { payment_id: intent.id.clone() }),
        "canceled" => Some(Answer::Withdrawn),
        "requires_action" => declined("authentication_required".to_owned()),
        "requires_payment_method" => declined(
            intent
                .last_payment_error
                .as_ref()
                .map_or_else(|| "card_declined".to_owned(), super::reply::StripeError::reason),
        ),
        _ => None,
    }
}

fn is_unexpected_state(reply: &Reply) -> bool {
    reply.error().is("payment_intent_unexpected_state")
}

/// The failure of a confirmation without an answer.
fn may_have_charged(missed: Missed) -> Failure {
    match missed {
        Missed::NotSent(failure) => failure,
        Missed::Unanswered(lost) => {
            Failure::unknown("the gateway did not answer, and may have charged").caused_by(lost)
        }
    }
}

/// The failure of a request without an answer that does no harm if it was carried out.
fn harmless(missed: Missed) -> Failure {
    match missed {
        Missed::NotSent(failure) => failure,
        Missed::Unanswered(lost) => {
            Failure::unavailable(GATEWAY, "the gateway did not answer").caused_by(lost)
        }
    }
}
