//! What messages cost: requests to AWS, each of which is paid for.

use crate::history::History;
use crate::invocation::Invocation;
use std::sync::atomic::{AtomicU64, Ordering};

/// Requests of one invocation for each of its messages: more is a loop that does not wait. The SDK alone makes three of
/// one that fails.
const MOST_FOR_A_MESSAGE: u64 = 60;

/// The most requests that an invocation made for each of its messages.
#[derive(Debug, Default)]
pub(crate) struct Costs(AtomicU64);

impl Costs {
    /// Takes note of what an invocation cost.
    pub(crate) fn add(&self, history: &History, invocation: &Invocation, messages: usize) {
        let each = invocation.requests() / u64::try_from(messages).unwrap_or(1).max(1);
        self.0.fetch_max(each, Ordering::Relaxed);
        if each > MOST_FOR_A_MESSAGE {
            let name = &invocation.name;
            history.violation(format!("{name} made {each} requests for each of {messages}"));
        }
    }

    /// The most requests for a message.
    pub(crate) fn most(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
