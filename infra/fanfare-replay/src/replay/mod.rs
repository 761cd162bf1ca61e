//! Sending stored events to one consumer again.

mod consumer;
mod force;
mod page;
mod resume;
mod send;

pub use force::Force;
pub use resume::Resume;

use self::consumer::Listener;
use self::page::Reader;
use self::send::Sender;
use crate::{ReplayError, Stack};
use fanfare_event_store::{Filter, Place};
use fanfare_operate::{Progress, Stop};
use std::collections::BTreeMap;

/// What is to be sent, and to whom.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The consumer.
    pub consumer: String,
    /// Which events; of these, those that the consumer subscribes to.
    pub filter: Filter,
    /// Those with this correlation id alone.
    pub correlation_id: Option<String>,
    /// Say what would be sent, and send nothing.
    pub dry_run: bool,
    /// Events a second at the most.
    pub rate: Option<u32>,
    /// Have applied events applied again.
    pub force: Option<Force>,
    /// Go on from here.
    pub resume: Option<Place>,
}

impl Replay {
    /// How to go on with it after a place.
    pub fn go_on(&self, place: Option<Place>) -> Resume {
        Resume { place, force: self.force.clone() }
    }
}

/// Events of one type, by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Sent, or to be sent, that the consumer has not applied: they take effect.
    pub fresh: u64,
    /// Left out: the consumer has applied them. Sent, they would change nothing, or be applied twice where a
    /// backlog outlasts the ledger's memory of them.
    pub applied: u64,
    /// Sent, or to be sent, under a new id, to be applied again.
    pub forced: u64,
    /// Left out: older than the ledger remembers, so that nobody knows whether they were applied.
    pub too_old: u64,
}

impl Tally {
    /// How many are sent.
    pub fn sent(&self) -> u64 {
        self.fresh + self.forced
    }
}

/// What a replay came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    /// By the events' type.
    pub types: BTreeMap<String, Tally>,
    /// Whether it was asked to stop before it came to its end.
    pub interrupted: bool,
    /// Where another one goes on; `None`: at the beginning, if there is anything left.
    pub resume: Option<Place>,
}

impl Replayed {
    /// All types together.
    pub fn total(&self) -> Tally {
        self.types.values().fold(Tally::default(), |sum, tally| Tally {
            fresh: sum.fresh + tally.fresh,
            applied: sum.applied + tally.applied,
            forced: sum.forced + tally.forced,
            too_old: sum.too_old + tally.too_old,
        })
    }
}

impl Stack {
    /// Sends stored events to one consumer's queue, as SNS would: those that it subscribes to, that are asked for and
    /// that it has not applied. Sending them twice does no harm; where a replay stopped is told, for another to go on from.
    ///
    /// # Errors
    /// [`ReplayError`]; [`ReplayError::Broken`] once something was sent.
    pub async fn replay(
        &self,
        replay: &Replay,
        progress: &impl Progress,
        stop: &Stop,
    ) -> Result<Replayed, ReplayError> {
        let listener = Listener::find(&self.0, &replay.consumer).await?;
        if replay.force.is_some() {
            force::allow(&self.0, &replay.consumer).await?;
        }
        let reader = Reader {
            store: self.0.event_store().await?,
            filter: listener.heard(&replay.filter)?,
            policy: listener.policy,
            correlation_id: replay.correlation_id.clone(),
            ledger: self.0.ledger().await?,
            consumer: replay.consumer.clone(),
            force: replay.force.clone(),
        };
        let mut sender = Sender::new(self.0.sqs().clone(), listener.queue_url, replay.rate);
        progress.begin("looking at events");
        progress.expect(reader.size().await?);
        let mut replayed = Replayed::default();
        let mut after = replay.resume.clone();
        loop {
            let page = reader.page(after.as_ref()).await;
            let page = page.map_err(|e| broken(e, &replayed, replay, after.as_ref()))?;
            if !replay.dry_run {
                let sent = sender.send(&page.outgoing, stop).await;
                sent.map_err(|e| broken(e, &replayed, replay, after.as_ref()))?;
            }
            if stop.is_requested() {
                // Some of the page may not have gone: it is gone through again.
                return Ok(Replayed { interrupted: true, resume: after, ..replayed });
            }
            page.count(&mut replayed.types);
            progress.advance(page.looked_at);
            after = match page.next {
                Some(next) => Some(next),
                None => return Ok(replayed),
            };
        }
    }
}

/// What an error leaves to be done. It needs no telling where all can be done anew under no name.
fn broken(
    error: ReplayError,
    replayed: &Replayed,
    replay: &Replay,
    after: Option<&Place>,
) -> ReplayError {
    let resume = replay.go_on(after.cloned());
    match (&resume.place, &resume.force) {
        (None, None) => error,
        (Some(_), _) | (_, Some(_)) => {
            ReplayError::Broken { done: replayed.total().sent(), resume, source: Box::new(error) }
        }
    }
}
