//! What an event means for a payment, and what a gateway's answer does: pure functions.

use crate::{Answer, Ask, Due, Outcome, Payment, Request};
use event_schema::{Currency, OrderId};
use fanfare::Failure;
use fanfare::{EventId, Timestamp};

/// The name of the payment of an order that costs nothing: the gateway knows none.
const FREE: &str = "free";

/// What an event comes to that changes nothing any more.
const SETTLED: &str = "was settled already";

/// What happened to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// It was placed, and so much is due.
    Placed {
        /// What is due.
        due: Due,
        /// When it was placed.
        at: Timestamp,
    },
    /// What it asks for is set aside.
    Reserved {
        /// When that was announced.
        at: Timestamp,
    },
    /// Its customer asked to cancel it, or it timed out: unless it is paid for by now, it will be cancelled.
    Objected,
    /// It was cancelled.
    Cancelled {
        /// What would have been due.
        due: Due,
        /// Whether the reason says that there was no charge: nothing was set aside, or the charge was declined.
        is_uncharged: bool,
    },
    /// Its money is to be given back.
    RefundRequested(Refund),
    /// Its refund was pending, and it is time to look again.
    RefundLookDue,
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
    /// The gateway has taken a refund that is not settled.
    RefundPending {
        /// The gateway's name for the payment.
        payment_id: String,
        /// What is to be given back.
        due: Due,
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
        Happened::Placed { due, at } => {
            if payment.due.is_none() {
                payment.due = Some(due);
                payment.since = payment.since.max(Some(at));
            }
            Ok(pay(order_id, payment))
        }
        Happened::Reserved { at } => {
            if !payment.reserved {
                payment.reserved = true;
                payment.since = payment.since.max(Some(at));
            }
            Ok(pay(order_id, payment))
        }
        Happened::Objected => Ok(object(payment)),
        Happened::Cancelled { due, is_uncharged } => {
            Ok(withdraw(order_id, payment, due, is_uncharged))
        }
        Happened::RefundRequested(refund) => give_back(order_id, payment, refund),
        Happened::RefundLookDue => look_at_refund(order_id, payment),
    }
}

/// Concludes from the gateway's answer. Whatever the answer, it is taken down, unless it is about a charge that is settled by
/// now: then it is the same again. So it is of a refund that is settled.
pub fn conclude(mut payment: Payment, request: &Request, answer: Answer) -> Settled {
    let is_settled = match request.ask {
        Ask::Charge | Ask::Withdraw => payment.outcome != Outcome::Open,
        Ask::Refund { .. } | Ask::LookAtRefund { .. } => {
            matches!(payment.outcome, Outcome::Refunded { .. })
        }
    };
    if is_settled {
        return Settled { payment, announce: None, did: SETTLED };
    }
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
        Answer::RefundPending { payment_id } => {
            let announce = Announcement::RefundPending { payment_id: payment_id.clone(), due };
            (Outcome::RefundPending { payment_id }, Some(announce), "refund is pending")
        }
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
    // What is settled by a cancellation may have been settled while an earlier attempt by this event was under way. Who
    // has acted must go on to ask: its claim is concluded by the answer.
    if payment.outcome != Outcome::Open && !payment.cancelled {
        return settle(payment, SETTLED);
    }
    let due = match (payment.due.clone(), payment.reserved) {
        (Some(due), true) => due,
        (Some(_), false) => return settle(payment, "waits for the reservation"),
        (None, _) => return settle(payment, "waits for the order"),
    };
    if due.amount == 0 {
        return owe_nothing(order_id, payment, due);
    }
    let ask = match payment.cancelled {
        // An earlier attempt may have charged before the order was cancelled: only the gateway knows.
        true => Ask::Withdraw,
        false => Ask::Charge,
    };
    ask_of_charge(order_id, payment, due, ask)
}

/// Settles what costs nothing, without the gateway: it would refuse such a charge.
fn owe_nothing(order_id: &OrderId, payment: Payment, due: Due) -> Step {
    if payment.cancelled {
        return settle(payment, "will not be charged");
    }
    let charged = Answer::Charged { payment_id: FREE.to_owned() };
    let settled = conclude(payment, &free(order_id, due, Ask::Charge), charged);
    Step::Settle(Settled { did: "owes nothing", ..settled })
}

/// What would be asked of the gateway about an order that costs nothing.
fn free(order_id: &OrderId, due: Due, ask: Ask) -> Request {
    Request { key: FREE.to_owned(), since: None, order_id: order_id.clone(), due, ask }
}

/// Begins no charge any more. Needs no gateway, so that whatever is charged later, redriven after an outage
/// perhaps, finds the objection.
fn object(mut payment: Payment) -> Step {
    match payment.outcome {
        Outcome::Open => {
            payment.cancelled = true;
            settle(payment, "will not be charged")
        }
        Outcome::Charged { .. } => settle(payment, "was charged before"),
        Outcome::Declined
        | Outcome::Withdrawn
        | Outcome::RefundPending { .. }
        | Outcome::Refunded { .. } => settle(payment, SETTLED),
    }
}

/// Sees to it that a cancelled order is not charged, or finds out that it was.
fn withdraw(order_id: &OrderId, mut payment: Payment, due: Due, is_uncharged: bool) -> Step {
    payment.cancelled = true;
    // An attempt to charge leaves nothing behind until its outcome is known, but it needs both the order and the
    // reservation: the first of them is remembered. Whoever asks now need not wait for the other event, which may be dead.
    // Asked is also when the outcome is known: an earlier attempt by this event may have asked before that, and who has
    // acted must go on to ask.
    let may_have_begun = payment.due.is_some() || payment.reserved;
    if is_uncharged || !may_have_begun || payment.due.as_ref().unwrap_or(&due).amount == 0 {
        return settle(payment, "will not be charged");
    }
    let due = payment.due.get_or_insert(due).clone();
    ask_of_charge(order_id, payment, due, Ask::Withdraw)
}

/// Asks of the order's one charge. Its key must follow from the order alone: an attempt of which nothing is remembered can
/// then be looked up.
fn ask_of_charge(order_id: &OrderId, payment: Payment, due: Due, ask: Ask) -> Step {
    let (key, since) = (format!("charge:{order_id}"), payment.since);
    let request = Request { key, since, order_id: order_id.clone(), due, ask };
    Step::Ask { payment, request }
}

/// Gives back all that was charged.
fn give_back(order_id: &OrderId, payment: Payment, refund: Refund) -> Result<Step, Refusal> {
    let (payment_id, due) = charged(&payment)?;
    if (due.amount, due.currency) != (refund.amount, refund.currency)
        || payment_id != refund.payment_id
    {
        return Err(Refusal::NotWhatWasCharged);
    }
    let ask = match &payment.outcome {
        Outcome::Refunded { .. } => return Ok(settle(payment, "was refunded already")),
        Outcome::RefundPending { .. } => Ask::LookAtRefund { payment_id },
        _ if due.amount == 0 => {
            let request = free(order_id, due, Ask::Refund { payment_id: payment_id.clone() });
            let refunded = Answer::Refunded { payment_id };
            return Ok(Step::Settle(conclude(payment, &request, refunded)));
        }
        _ => Ask::Refund { payment_id },
    };
    Ok(ask_of_refund(order_id, payment, refund.key.to_string(), due, ask))
}

/// Asks what became of a refund that was pending. One that is settled by now is asked about too: an attempt that has
/// acted must go on to ask, for its claim is concluded by the answer.
fn look_at_refund(order_id: &OrderId, payment: Payment) -> Result<Step, Refusal> {
    let (payment_id, due) = charged(&payment)?;
    match payment.outcome {
        Outcome::RefundPending { .. } | Outcome::Refunded { .. } => {
            let (key, ask) = (format!("look:{order_id}"), Ask::LookAtRefund { payment_id });
            Ok(ask_of_refund(order_id, payment, key, due, ask))
        }
        _ => Err(Refusal::NotSettled),
    }
}

/// The payment that was made, and how much it was.
fn charged(payment: &Payment) -> Result<(String, Due), Refusal> {
    let payment_id = match &payment.outcome {
        Outcome::Open => return Err(Refusal::NotSettled),
        Outcome::Declined | Outcome::Withdrawn => return Err(Refusal::NeverCharged),
        Outcome::Charged { payment_id }
        | Outcome::RefundPending { payment_id }
        | Outcome::Refunded { payment_id } => payment_id.clone(),
    };
    Ok((payment_id, payment.due.clone().ok_or(Refusal::NeverCharged)?))
}

fn ask_of_refund(order_id: &OrderId, payment: Payment, key: String, due: Due, ask: Ask) -> Step {
    // The gateway does not give back more than was captured, however long ago.
    let request = Request { key, since: None, order_id: order_id.clone(), due, ask };
    Step::Ask { payment, request }
}

/// What is known by now, with nothing to announce.
fn settle(payment: Payment, did: &'static str) -> Step {
    Step::Settle(Settled { payment, announce: None, did })
}
