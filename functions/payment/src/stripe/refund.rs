//! Giving money back.

use super::Stripe;
use super::amount::in_stripes_units;
use super::connection::{Call, Missed};
use super::reply::{List, Refund};
use crate::{Answer, Request};
use fanfare::Failure;

/// The reason of a failure after which the money may be given back.
const MAYBE: &str = "the gateway may have refunded";

impl Stripe {
    pub(super) async fn refund(
        &self,
        request: &Request,
        payment_id: &str,
    ) -> Result<Answer, Failure> {
        let refunded = || Answer::Refunded { payment_id: payment_id.to_owned() };
        let amount = in_stripes_units(request.due.amount, request.due.currency)
            .ok_or_else(|| Failure::permanent("the amount can't have been charged"))?;
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
            200 if reply.read::<Refund>()?.is_under_way() => Ok(refunded()),
            200 => Err(Failure::permanent("the gateway could not refund: somebody has to")),
            400 if reply.error().is("charge_already_refunded") => Ok(refunded()),
            // It may be done all the same, and another request with this key may be under way. If it is not, the next
            // try is made under another key: what was given back in full is not given back again.
            409 | 500.. => match self.is_refunded(payment_id, amount).await? {
                true => Ok(refunded()),
                false => Err(Failure::unknown(MAYBE)),
            },
            _ => Err(reply.refusal()),
        }
    }

    /// Looks whether a payment was refunded.
    async fn is_refunded(&self, payment_id: &str, amount: u64) -> Result<bool, Failure> {
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
        Ok(refunds.iter().any(|refund| refund.amount == amount && refund.is_under_way()))
    }
}

impl Refund {
    /// Whether the money is given back, or will be without anybody's doing.
    fn is_under_way(&self) -> bool {
        matches!(self.status.as_deref(), Some("succeeded" | "pending" | "requires_action"))
    }
}
