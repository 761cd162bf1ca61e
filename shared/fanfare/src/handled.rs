//! How the handling of one message ended.

use crate::Failure;
use crate::attempt::Attempt;
use crate::commit::Committed;
use crate::message::Message;
use crate::transaction::Guard;
use std::time::Duration;

/// A message with what became of it.
#[derive(Debug)]
pub(crate) struct Handled {
    pub(crate) message: Message,
    /// Absent when the message holds no event, or was not looked at.
    pub(crate) attempt: Option<Attempt>,
    pub(crate) end: End,
}

/// How it ended.
#[derive(Debug)]
pub(crate) enum End {
    /// Its work is committed, now or before; `acted` says whether an effect was performed for it.
    Done { committed: Committed, acted: bool },
    /// It failed, and this guards its ledger record. `waits` says that its handler asked for another try: it
    /// may wait for another event.
    Failed { failure: Failure, guard: Guard, waits: bool },
    /// It was not tried, and may come back after this; `None`: when the queue says so.
    Untried { why: &'static str, after: Option<Duration> },
}

impl End {
    /// A failure without a lease.
    pub(crate) fn failed(failure: Failure) -> Self {
        Self::Failed { failure, guard: Guard::Unclaimed, waits: false }
    }

    /// A failure whose ledger record is guarded by a lease.
    pub(crate) fn failed_under(guard: Guard, failure: Failure) -> Self {
        Self::Failed { failure, guard, waits: false }
    }
}
