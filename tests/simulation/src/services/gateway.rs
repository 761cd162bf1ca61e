//! The payment gateway: it knows a repeated charge by its idempotency key, and answers as it did before.

use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::invocation::{Caller, Invocation};
use crate::services::{calling, strikes};
use crate::tables::{self, LEDGER};
use consumer::Failure;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::sleep;

/// What is asked of it.
#[derive(Debug, Clone)]
pub(crate) struct Charge {
    /// The idempotency key: the event's id.
    pub(crate) key: String,
    pub(crate) amount: u64,
}

/// What it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    Charged { id: String },
    Declined,
}

/// An entry of its book.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) amount: u64,
    pub(crate) outcome: Outcome,
    last: Arc<Invocation>,
}

/// The gateway and its book, by key.
pub(crate) struct Gateway {
    cloud: Arc<Cloud>,
    book: Mutex<BTreeMap<String, Entry>>,
}

impl Gateway {
    pub(crate) fn new(cloud: Arc<Cloud>) -> Arc<Self> {
        Arc::new(Self { cloud, book: Mutex::default() })
    }

    /// The entry of a key.
    pub(crate) fn entry(&self, key: &str) -> Option<Entry> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Charges somebody, as far as they have the money.
    pub(crate) async fn charge(
        self: Arc<Self>,
        caller: Arc<Caller>,
        charge: Charge,
    ) -> Result<Outcome, Failure> {
        let (invocation, cloud) = (calling(&caller), &self.cloud);
        sleep(cloud.chance.millis(10..=150)).await;
        if strikes(cloud, &invocation, Fault::ChargeFails) {
            return Err(Failure::unavailable("gateway", "the gateway is overloaded"));
        }
        let outcome = self.take(&invocation, &charge)?;
        if strikes(cloud, &invocation, Fault::ChargeHangs) {
            return std::future::pending().await;
        }
        sleep(cloud.chance.millis(10..=150)).await;
        match strikes(cloud, &invocation, Fault::ChargeAnswerLost) {
            true => Err(Failure::unknown("the gateway's answer was lost")),
            false => Ok(outcome),
        }
    }

    fn take(&self, invocation: &Arc<Invocation>, charge: &Charge) -> Result<Outcome, Failure> {
        let Charge { key, amount } = charge;
        let cloud = &self.cloud;
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = || match cloud.chance.happens(0.3) {
            true => Outcome::Declined,
            false => Outcome::Charged { id: format!("ch_{}", cloud.id()) },
        };
        let entry = book.entry(key.clone()).or_insert_with(|| Entry {
            amount: *amount,
            outcome: outcome(),
            last: Arc::clone(invocation),
        });
        cloud.history.note(format!("{} charges {amount} for {key}", invocation.name));
        // A clock that is ahead takes over a lease that still runs, and an owner that stalled does not know that
        // its own ran out.
        let excused = invocation.overruns || invocation.skewed || entry.last.skewed;
        entry.last = Arc::clone(invocation);
        let id = json!({"id": {"S": format!("charging#{key}")}});
        let is_kept = !tables::get(&cloud.database, LEDGER, &id)["effect"].is_null();
        if is_kept && !excused {
            cloud.history.violation(format!("{} asks again for {key}", invocation.name));
        }
        match entry.amount == *amount {
            true => Ok(entry.outcome.clone()),
            false => Err(Failure::permanent("the key was used for another amount")),
        }
    }
}
