//! Giving money back.

use super::Stripe;
use super::amount::in_stripes_units;
use super::connection::{Call, Missed};
use super::reply::{List, Refund};
use crate::{Answer, Request};
use fanfare::Failure;

/// The reason of a failure after which the money may be given back.
const MAYBE: &str = "the gateway may have refunded";
/// The reason of a refund that failed. Looked at again, one that was made by hand meanwhile counts.
const FAILED: &str =
    "the refund failed at the gateway: refund the payment there by hand, and redrive this message";

impl Stripe {
    pub(super) async fn refund(
        &self,
        request: &Request,
        payment_id: &str,
    ) -> Result<Answer, Failure> {
        let amount = amount(request)?;
        let refund = Call::post(
            "/v1/refunds".to_owned(),
            &[
                ("payment_intent", payment_id),
                ("amount", &amount.to_string()),
                ("metadata[order_id]", request.order_id.as_str()),
            ],
        );
        let reply = match self.connection.call_once(&refund, &request.key).await {
            Ok(reply) => reply,
            Err(Missed::NotSent(failure)) => return Err(failure),
            Err(Missed::Unanswered(lost)) => {
                return Err(Failure::unknown(MAYBE).caused_by(lost));
            }
        };
        match reply.status {
            // A repeat of the key gets the first answer again, as old as it is: how the refund stands, the list tells.
            200 if reply.is_replayed => self.look_at_refund(request, payment_id).await,
            200 => answer(reply.read::<Refund>()?.standing(), payment_id),
            400 if reply.error().is("charge_already_refunded") => {
                self.look_at_refund(request, payment_id).await
            }
            // It may be done all the same, and another request with this key may be under way. If it is not, the next
            // try is made under another key: what was given back in full is not given back again.
            409 | 500.. => match self.standing(payment_id, amount).await? {
                Some(standing) => answer(standing, payment_id),
                None => Err(Failure::unknown(MAYBE)),
            },
            _ => Err(reply.refusal()),
        }
    }

    /// What became of a refund.
    pub(super) async fn look_at_refund(
        &self,
        request: &Request,
        payment_id: &str,
    ) -> Result<Answer, Failure> {
        match self.standing(payment_id, amount(request)?).await? {
            Some(standing) => answer(standing, payment_id),
            None => Err(Failure::permanent(FAILED)),
        }
    }

    /// How the refund of a payment stands, by the best of those that were made: after one that failed, somebody may have
    /// made another by hand. `None` when there is none.
    async fn standing(&self, payment_id: &str, amount: u64) -> Result<Option<Standing>, Failure> {
        let unknown = || Failure::unknown(MAYBE);
        let payment: String = form_urlencoded::byte_serialize(payment_id.as_bytes()).collect();
        let look = Call::get(format!("/v1/refunds?payment_intent={payment}"));
        let reply = match self.connection.call(look).await {
            Ok(reply) if reply.status == 200 => reply,
            Ok(reply) => return Err(unknown().caused_by(reply.refusal())),
            Err(Missed::NotSent(failure)) => return Err(unknown().caused_by(failure)),
            Err(Missed::Unanswered(lost)) => return Err(unknown().caused_by(lost)),
        };
        let refunds = reply.read::<List<Refund>>()?.data;
        let ours = refunds.iter().filter(|refund| refund.amount == amount);
        Ok(ours.map(Refund::standing).max())
    }
}

/// How a refund stands, the best last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Failed,
    /// It is not settled: the bank, or the customer, is still to act.
    Pending,
    Done,
}

impl Refund {
    /// By Stripe's [status](https://docs.stripe.com/api/refunds/object#refund_object-status). One that this build does not
    /// know is not settled.
    fn standing(&self) -> Standing {
        match self.status.as_deref() {
            Some("succeeded") => Standing::Done,
            Some("failed" | "canceled") => Standing::Failed,
            _ => Standing::Pending,
        }
    }
}

/// # Errors
/// When the refund failed, which no repeat mends.
fn answer(standing: Standing, payment_id: &str) -> Result<Answer, Failure> {
    let payment_id = payment_id.to_owned();
    match standing {
        Standing::Done => Ok(Answer::Refunded { payment_id }),
        Standing::Pending => Ok(Answer::RefundPending { payment_id }),
        Standing::Failed => Err(Failure::permanent(FAILED)),
    }
}

fn amount(request: &Request) -> Result<u64, Failure> {
    in_stripes_units(request.due.amount, request.due.currency)
        .ok_or_else(|| Failure::permanent("the amount can't have been charged"))
}
