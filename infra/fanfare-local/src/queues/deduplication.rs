//! What a FIFO queue has taken in the last five minutes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

/// How long a repeat is known as one.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html>
const INTERVAL: Duration = Duration::from_secs(300);

/// A deduplication id, and the group in which it holds if it holds in one alone.
pub(super) type Token = (Option<Arc<str>>, String);

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct First {
    pub(super) id: String,
    pub(super) place: u64,
}

#[derive(Debug, Default)]
pub(super) struct Deduplication {
    seen: HashMap<Token, First>,
    in_order: VecDeque<(Instant, Token)>,
}

impl Deduplication {
    /// The message that was sent with a token before.
    pub(super) fn first(&mut self, token: &Token, now: Instant) -> Option<First> {
        while self.in_order.front().is_some_and(|(at, _)| *at + INTERVAL <= now) {
            if let Some((_, token)) = self.in_order.pop_front() {
                self.seen.remove(&token);
            }
        }
        self.seen.get(token).cloned()
    }

    pub(super) fn note(&mut self, token: Token, first: First, now: Instant) {
        self.seen.insert(token.clone(), first);
        self.in_order.push_back((now, token));
    }

    /// A message was not taken after all.
    pub(super) fn forget(&mut self, token: &Token) {
        self.seen.remove(token);
        self.in_order.retain(|(_, seen)| seen != token);
    }
}
