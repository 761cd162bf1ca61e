//! A bell: what must not happen twice, and can't be undone.

use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::invocation::Caller;
use crate::services::{calling, strikes};
use fanfare::Failure;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::sleep;

/// The bell, and for which events it rang.
pub(crate) struct Bell {
    cloud: Arc<Cloud>,
    rung: Mutex<BTreeSet<String>>,
}

impl Bell {
    pub(crate) fn new(cloud: Arc<Cloud>) -> Arc<Self> {
        Arc::new(Self { cloud, rung: Mutex::default() })
    }

    /// Whether it rang for an event.
    pub(crate) fn rang_for(&self, event: &str) -> bool {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner).contains(event)
    }

    /// Rings for an event.
    pub(crate) async fn ring(
        self: Arc<Self>,
        caller: Arc<Caller>,
        event: String,
    ) -> Result<(), Failure> {
        let (invocation, cloud) = (calling(&caller), &self.cloud);
        sleep(cloud.chance.millis(1..=50)).await;
        if strikes(cloud, &invocation, Fault::RingFails) {
            return Err(Failure::retry("the bell's rope is tangled"));
        }
        cloud.history.note(format!("{} rings for {event}", invocation.name));
        if !self.rung.lock().unwrap_or_else(PoisonError::into_inner).insert(event.clone()) {
            cloud.history.violation(format!("{} rings again for {event}", invocation.name));
        }
        sleep(cloud.chance.millis(1..=50)).await;
        match strikes(cloud, &invocation, Fault::RingAnswerLost) {
            true => Err(Failure::unknown("nobody heard the bell")),
            false => Ok(()),
        }
    }
}
