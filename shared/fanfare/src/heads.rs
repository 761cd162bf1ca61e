//! Where streams stand: the version of a stream's last event.
//!
//! An event that is announced goes to the version after that, by a put that holds only while nobody is there: that
//! alone makes versions unique and gapless. What is known here may be too low, when others append too; then the put is
//! refused, and the stream is asked. It is never too high, since streams only grow.

use crate::Failure;
use crate::committer::{Committer, DYNAMODB};
use crate::generations::Generations;
use crate::items::no_event_store;
use crate::ready::Ready;
use crate::work::Position;
use crate::write::Action;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Streams that are known at least. Twice as many take about half a MiB.
const STREAMS: usize = 2_048;
/// Streams that are asked at once.
const CONCURRENCY: usize = 8;

/// Where the streams stand that this execution environment has appended to, or asked, of late.
#[derive(Debug)]
pub(crate) struct Heads(Mutex<Generations<String, u64>>);

impl Default for Heads {
    fn default() -> Self {
        Self(Mutex::new(Generations::of(STREAMS)))
    }
}

impl Heads {
    fn get(&self, stream: &str) -> Option<u64> {
        self.lock().get(stream).copied()
    }

    /// Takes note that a stream has this many events at least.
    pub(crate) fn raise(&self, stream: &str, head: u64) {
        let mut heads = self.lock();
        if heads.get(stream).is_none_or(|known| *known < head) {
            heads.insert(stream.to_owned(), head);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Generations<String, u64>> {
        // Whoever panicked left a note missing, never a wrong one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known of the streams that a group announces on.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) heads: BTreeMap<String, u64>,
    /// Those of which nothing is known, or too little.
    pub(crate) unknown: BTreeSet<String>,
}

impl Committer {
    /// What is known of the streams that a group announces on, without asking.
    pub(crate) fn known_heads(&self, group: &[Ready]) -> Known {
        let mut known = Known::default();
        for member in group {
            let is_next = |stream| member.work.position_on(stream) == Some(Position::Next);
            let streams = member.work.events.iter().map(|event| &event.stream);
            for stream in streams.filter(|stream| is_next(stream)) {
                let head = self.heads.get(stream).max(counted(member, stream));
                if head.is_none() || member.is_overtaken {
                    known.unknown.insert(stream.clone());
                }
                let so_far = known.heads.entry(stream.clone()).or_default();
                *so_far = head.unwrap_or(0).max(*so_far);
            }
        }
        known
    }

    /// Asks where streams stand.
    ///
    /// # Errors
    /// A [`Failure`] that is worth a retry.
    pub(crate) async fn ask_heads(&self, known: &mut Known) -> Result<(), Failure> {
        if known.unknown.is_empty() {
            return Ok(());
        }
        let store = self.event_store.as_ref().ok_or_else(no_event_store)?;
        let unavailable = |e| {
            let reason = "where a stream stands could not be read";
            Failure::unavailable(DYNAMODB, reason).caused_by(e)
        };
        let heads = stream::iter(&known.unknown)
            .map(|name| async move { Ok((name, store.head(name).await.map_err(unavailable)?)) })
            .buffer_unordered(CONCURRENCY);
        let heads: Vec<_> = heads.try_collect().await?;
        for (name, head) in heads {
            self.heads.raise(name, head);
            known.heads.insert(name.clone(), head);
        }
        Ok(())
    }
}

/// How many events of a stream the work's memories have counted.
fn counted(member: &Ready, stream: &str) -> Option<u64> {
    let counted = member.work.writes.iter().filter_map(|write| match &write.action {
        Action::Remember { counted, .. } => counted.head(stream),
        Action::Put { .. } | Action::Count { .. } => None,
    });
    counted.max()
}
