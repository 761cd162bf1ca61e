//! What an event means for a payment, and what a gateway's answer does: pure functions.

use crate::{Answer, Ask, Due, Outcome, Payment, Request};
use consumer::Failure;
use event_schema::{Currency, EventId, OrderId};

/// What happened to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// It was placed, and so much is due.
    Placed(Due),
    /// What it asks for is set aside, as this event said.
    Reserved(EventId),
    /// It was cancelled.
    Cancelled,
    /// Its money is to be given back.
    RefundRequested(Refund),
}

/// What is to be given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// The id of the event that asks for it, the refund's idempotency key.
    pub key: EventId,
    /// The gateway's name for the payment.
    pub payment_id: String,
    /// How much, in minor units of `currency`.
    pub amount: u64,
    /// The currency, by its ISO 4217 code.
    pub currency: Currency,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Ask the gateway, and [`conclude`] from its answer.
    Ask {
        /// What is known of the payment by now.
        payment: Payment,
        /// What to ask for.
        request: Request,
    },
    /// Nothing more.
    Settle(Settled),
}

/// What is to be remembered and announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// What is to be remembered.
    pub payment: Payment,
    /// What is to be announced.
    pub announce: Option<Announcement>,
    /// What it comes to, in a few words.
    pub did: &'static str,
}

/// What the rest of the store is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announcement {
    /// The customer was charged.
    Processed {
        /// The gateway's name for the payment.
        payment_id: String,
        /// What was captured.
        due: Due,
    },
    /// Nothing was captured.
    Failed {
        /// The gateway's code.
        reason: String,
    },
    /// The money was given back.
    Refunded {
        /// The gateway's name for the payment.
        payment_id: String,
        /// What was given back.
        due: Due,
    },
}

/// What can't be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Whoever asks for the refund knows of a charge that is not known here yet.
    #[error("the order's payment is not settled yet: there is nothing to give back")]
    NotSettled,
    /// There is nothing to give back.
    #[error("the order was never charged: there is nothing to give back")]
    NeverCharged,
    /// The request is not about the payment that was made.
    #[error("the refund's payment, amount or currency is not what was charged")]
    NotWhatWasCharged,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotSettled => Self::retry(refusal.to_string()),
            Refusal::NeverCharged | Refusal::NotWhatWasCharged => {
                Self::permanent(refusal.to_string())
            }
        }
    }
}

/// Decides what an event means for an order's payment.
///
/// # Errors
/// A [`Refusal`] of a refund.
pub fn decide(
    order_id: &OrderId,
    mut payment: Payment,
    happened: Happened,
) -> Result<Step, Refusal> {
    match happened {
        Happened::Placed(due) => {
            payment.due.get_or_insert(due);
            Ok(pay(order_id, payment))
        }
        Happened::Reserved(event) => {
            payment.reserved_by.get_or_insert(event);
            Ok(pay(order_id, payment))
        }
        Happened::Cancelled => {
            payment.cancelled = true;
            let did = match payment.outcome {
                Outcome::Charged { .. } => "was charged before the cancellation",
                _ => "will not be charged",
            };
            Ok(settle(payment, did))
        }
        Happened::RefundRequested(refund) => give_back(order_id, payment, refund),
    }
}

/// Concludes from the gateway's answer. Whatever the answer, it is taken down.
pub fn conclude(mut payment: Payment, request: &Request, answer: Answer) -> Settled {
    let due = request.due.clone();
    let (outcome, announce, did) = match answer {
        Answer::Charged { payment_id } => {
            let did = match payment.cancelled {
                true => "had charged a cancelled order",
                false => "charged",
            };
            let announce = Announcement::Processed { payment_id: payment_id.clone(), due };
            (Outcome::Charged { payment_id }, Some(announce), did)
        }
        Answer::Declined { reason } => {
            (Outcome::Declined, Some(Announcement::Failed { reason }), "declined")
        }
        Answer::Withdrawn => (Outcome::Withdrawn, None, "made sure not to charge"),
        Answer::Refunded { payment_id } => {
            let announce = Announcement::Refunded { payment_id: payment_id.clone(), due };
            (Outcome::Refunded { payment_id }, Some(announce), "refunded")
        }
    };
    payment.outcome = outcome;
    Settled { payment, announce, did }
}

/// Charges once both the price and the reservation are known.
fn pay(order_id: &OrderId, payment: Payment) -> Step {
    if payment.outcome != Outcome::Open {
        return settle(payment, "was settled already");
    }
    let (due, key) = match (payment.due.clone(), payment.reserved_by.clone()) {
        (Some(due), Some(key)) => (due, key),
        (Some(_), None) => return settle(payment, "waits for the reservation"),
        (None, _) => return settle(payment, "waits for the order"),
    };
    let ask = match payment.cancelled {
        // An earlier attempt may have charged before the order was cancelled: only the gateway knows.
        true => Ask::Withdraw,
        false => Ask::Charge,
    };
    Step::Ask { payment, request: Request { key, order_id: order_id.clone(), due, ask } }
}

/// Gives back all that was charged.
fn give_back(order_id: &OrderId, payment: Payment, refund: Refund) -> Result<Step, Refusal> {
    let (payment_id, is_done) = match &payment.outcome {
        Outcome::Open => return Err(Refusal::NotSettled),
        Outcome::Declined | Outcome::Withdrawn => return Err(Refusal::NeverCharged),
        Outcome::Charged { payment_id } => (payment_id.clone(), false),
        Outcome::Refunded { payment_id } => (payment_id.clone(), true),
    };
    let due = payment.due.clone().ok_or(Refusal::NeverCharged)?;
    if (due.amount, due.currency) != (refund.amount, refund.currency)
        || payment_id != refund.payment_id
    {
        return Err(Refusal::NotWhatWasCharged);
    }
    if is_done {
        return Ok(settle(payment, "was refunded already"));
    }
    let (order_id, ask) = (order_id.clone(), Ask::Refund { payment_id });
    Ok(Step::Ask { payment, request: Request { key: refund.key, order_id, due, ask } })
}

/// What is known by now, with nothing to announce.
fn settle(payment: Payment, did: &'static str) -> Step {
    Step::Settle(Settled { payment, announce: None, did })
}
