//! A case whose work is decided, on its way to be committed.

use crate::case::{Case, End, Proof, Settled};
use crate::guard::Guard;
use crate::{Failure, UnknownOutcome, Work};

/// A case with its work.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) case: Case,
    pub(crate) work: Work,
    /// What the commit asks of the ledger record.
    pub(crate) guard: Guard,
    pub(crate) stage: Stage,
    /// How often its transaction met another one.
    pub(crate) conflicts: u32,
    /// Whether somebody was at a stream that it announces on: what is known of where that stands is too little.
    pub(crate) is_overtaken: bool,
}

/// How far the case's effect is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// None was asked for.
    NoEffect,
    /// It was performed, in this attempt. Only its claim keeps the next one from acting again.
    Performed,
    /// It was performed in this attempt, and what it came to is kept: nothing is done twice when its claim goes.
    Kept,
    /// It was performed in an earlier attempt, which kept what it came to.
    KnownBefore,
}

impl Ready {
    pub(crate) fn new(case: Case, work: Work, guard: Guard, stage: Stage) -> Self {
        Self { case, work, guard, stage, conflicts: 0, is_overtaken: false }
    }

    /// The end of work that is committed: just now, which `did` puts into words, or before.
    pub(crate) fn done(self, did: Option<String>) -> Settled {
        self.case.ends(End::Done { did, proves: Proof::DynamoDb })
    }

    /// The end of work that was not committed, or is not known to be.
    pub(crate) fn failed(self, failure: Failure) -> Settled {
        let end = match self.guard {
            Guard::Claimed(_) if self.stage == Stage::Performed && !failure.is_permanent() => {
                End::failed(failure)
            }
            Guard::NoResult(UnknownOutcome::Retry) => End::failed_under(Guard::Lapsed, failure),
            Guard::NoResult(UnknownOutcome::Park) => End::failed(failure),
            guard => End::failed_under(guard, failure),
        };
        self.case.ends(end)
    }

    /// The case, to be decided anew, since what its handler decided from has changed. Under a lease that would be
    /// one's own: it is given up first, and the message comes back.
    pub(crate) fn outdated(self) -> Result<Case, Box<Settled>> {
        match self.guard.is_claimed() {
            false => Ok(self.case),
            true => Err(Box::new(self.failed(Failure::outdated()))),
        }
    }
}
