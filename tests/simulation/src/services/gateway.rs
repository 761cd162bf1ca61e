//! The payment gateway: it knows a repeated request by its idempotency key, and answers as it did before.

use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::invocation::{Caller, Invocation};
use crate::mutants::Mutant;
use crate::services::outage::Outage;
use crate::services::{calling, strikes};
use crate::tables::{self, EVENTS, LEDGER, text};
use fanfare::Failure;
use payment::{Answer, Ask, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::sleep;

/// Charges of amounts that end in this digit are declined.
pub(crate) const DECLINED: u64 = 2;

/// How likely a refund is pending, or still is when it is looked at.
const PENDING: f64 = 0.3;

/// An entry of its book.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) order: String,
    pub(crate) amount: u64,
    pub(crate) answer: Answer,
    last: Arc<Invocation>,
}

type Book = BTreeMap<String, Entry>;

/// The gateway and its book, by key.
pub(crate) struct Gateway {
    cloud: Arc<Cloud>,
    book: Mutex<Book>,
    outage: Outage,
}

/// The gateway as one execution environment calls it.
pub(crate) struct Terminal {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) by: Arc<Caller>,
}

impl payment::Gateway for Terminal {
    async fn ask(&self, request: Request) -> Result<Answer, Failure> {
        let (gateway, invocation) = (&self.gateway, calling(&self.by));
        let cloud = &gateway.cloud;
        if cloud.faults.outage(Fault::ChargeOutage, cloud.time.elapsed()) {
            return Err(gateway.outage.met(cloud, &self.by, &invocation, "gateway"));
        }
        gateway.outage.answered(&self.by);
        Arc::clone(gateway).ask(invocation, request).await
    }
}

impl Gateway {
    pub(crate) fn new(cloud: Arc<Cloud>) -> Arc<Self> {
        Arc::new(Self { cloud, book: Mutex::default(), outage: Outage::default() })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it ever did for an order.
    pub(crate) fn entries(&self, order: &str) -> Vec<Entry> {
        self.book().values().filter(|entry| entry.order == order).cloned().collect()
    }

    async fn ask(
        self: Arc<Self>,
        invocation: Arc<Invocation>,
        request: Request,
    ) -> Result<Answer, Failure> {
        let cloud = &self.cloud;
        sleep(cloud.chance.millis(10..=150)).await;
        if strikes(cloud, &invocation, Fault::ChargeFails) {
            return Err(Failure::unavailable("gateway", "the gateway is overloaded"));
        }
        if strikes(cloud, &invocation, Fault::ChargeLate) {
            let late = Arc::clone(&self).take_late(Arc::clone(&invocation), request);
            tokio::spawn(late);
            return std::future::pending().await;
        }
        let answer = self.take(&invocation, &request)?;
        if strikes(cloud, &invocation, Fault::ChargeHangs) {
            return std::future::pending().await;
        }
        sleep(cloud.chance.millis(10..=150)).await;
        match strikes(cloud, &invocation, Fault::ChargeAnswerLost) {
            true => Err(Failure::unknown("the gateway's answer was lost")),
            false => Ok(answer),
        }
    }

    /// Takes a request when its sender has long given up.
    async fn take_late(self: Arc<Self>, invocation: Arc<Invocation>, request: Request) {
        let busy = self.cloud.busy();
        sleep(self.cloud.faults.chance().millis(5_000..=120_000)).await;
        // Nobody hears the answer.
        drop(self.answer(&invocation, &request));
        drop(busy);
    }

    /// Takes a request that somebody waits for, and checks that it had to be made.
    fn take(&self, invocation: &Arc<Invocation>, request: &Request) -> Result<Answer, Failure> {
        let last = self.book().get(&request.key).map(|entry| Arc::clone(&entry.last));
        // A clock that is ahead takes over a lease that still runs, and an owner that stalled does not know that
        // its own ran out.
        let excused = invocation.overruns || invocation.skewed || last.is_some_and(|i| i.skewed);
        if !excused && self.is_kept(request) {
            let asks = format!("{} asks again for {}", invocation.name, request.key);
            self.cloud.history.violation(asks);
        }
        self.answer(invocation, request)
    }

    /// Whether payment's ledger has the answer already: a charge's under either of two events, a refund's under that of
    /// its key. A withdrawal follows from three, and who asks by one of them does not know what another's attempt kept.
    fn is_kept(&self, request: &Request) -> bool {
        let events = match request.ask {
            Ask::Charge => ["order", "inventory"]
                .iter()
                .filter_map(|kind| self.first_event(&format!("{kind}-{}", request.order_id)))
                .collect(),
            Ask::Refund { .. } => vec![request.key.clone()],
            Ask::Withdraw | Ask::LookAtRefund { .. } => Vec::new(),
        };
        events.iter().any(|event| {
            let id = json!({"id": {"S": format!("payment#{event}")}});
            !tables::get(&self.cloud.database, LEDGER, &id)["effect"].is_null()
        })
    }

    /// The id of a stream's first event.
    fn first_event(&self, stream: &str) -> Option<String> {
        let first = json!({"stream": {"S": stream}, "version": {"N": "1"}});
        let first = tables::get(&self.cloud.database, EVENTS, &first);
        let first: Value = serde_json::from_str(text(&first, "envelope")).unwrap_or_default();
        first["eventId"].as_str().map(str::to_owned)
    }

    fn answer(&self, invocation: &Arc<Invocation>, request: &Request) -> Result<Answer, Failure> {
        let Request { order_id, due, ask, .. } = request;
        let cloud = &self.cloud;
        let key = match cloud.mutant {
            Some(Mutant::IdempotencyKey) => cloud.id(),
            _ => request.key.clone(),
        };
        cloud.history.note(format!("{} asks to {ask:?} {} for {key}", invocation.name, due.amount));
        let mut book = self.book();
        if let Ask::LookAtRefund { payment_id } = ask {
            return self.look(&mut book, payment_id);
        }
        if let Some(entry) = book.get_mut(&key) {
            entry.last = Arc::clone(invocation);
            return match (ask, entry.amount == due.amount) {
                (Ask::Charge, false) => {
                    Err(Failure::permanent("the key was used for another amount"))
                }
                _ => Ok(entry.answer.clone()),
            };
        }
        let answer = match ask {
            Ask::Withdraw => Answer::Withdrawn,
            Ask::Charge if due.amount % 10 == DECLINED => {
                Answer::Declined { reason: "insufficient_funds".to_owned() }
            }
            Ask::Charge => Answer::Charged { payment_id: format!("ch_{}", cloud.id()) },
            Ask::Refund { payment_id } => {
                self.check_refund(&book, payment_id, due.amount);
                let payment_id = payment_id.clone();
                match cloud.chance.happens(PENDING) {
                    true => Answer::RefundPending { payment_id },
                    false => Answer::Refunded { payment_id },
                }
            }
            Ask::LookAtRefund { .. } => unreachable!("it is answered above"),
        };
        let (order, last) = (order_id.to_string(), Arc::clone(invocation));
        book.insert(key, Entry { order, amount: due.amount, answer: answer.clone(), last });
        Ok(answer)
    }

    /// How a refund stands, which may be settled by now.
    fn look(&self, book: &mut Book, payment: &str) -> Result<Answer, Failure> {
        let is_ours = |answer: &Answer| match answer {
            Answer::RefundPending { payment_id } | Answer::Refunded { payment_id } => {
                payment_id == payment
            }
            Answer::Charged { .. } | Answer::Declined { .. } | Answer::Withdrawn => false,
        };
        let mut entries = book.values_mut();
        let refund = entries.find(|entry| is_ours(&entry.answer));
        let refund = refund.ok_or_else(|| Failure::permanent("there is no refund to look at"))?;
        if !self.cloud.chance.happens(PENDING) {
            refund.answer = Answer::Refunded { payment_id: payment.to_owned() };
        }
        Ok(refund.answer.clone())
    }

    /// What is given back was taken, and was not given back before.
    fn check_refund(&self, book: &Book, payment: &str, amount: u64) {
        let was_charged = book.values().any(|entry| {
            entry.amount == amount
                && matches!(&entry.answer, Answer::Charged { payment_id } if payment_id == payment)
        });
        let was_refunded = book.values().any(
            |entry| matches!(&entry.answer, Answer::Refunded { payment_id } | Answer::RefundPending { payment_id } if payment_id == payment),
        );
        if !was_charged || was_refunded {
            self.cloud
                .history
                .violation(format!("{payment} is refunded twice, or was never charged"));
        }
    }
}
