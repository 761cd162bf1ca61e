//! A page of what is to be sent, with what the consumer's ledger says of it.

use super::{Force, Tally};
use crate::ReplayError;
use fanfare::ledger::{self, Ledger, Outcome, Record};
use fanfare_event::{Envelope, EventId, Timestamp};
use fanfare_event_store::{EventStore, Filter, Place, Stored};
use fanfare_operate::FilterPolicy;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Events on one page: as many as the ledger can be asked for at once.
const PAGE: u16 = 100;
/// How long the ledger surely remembers an event: it forgets after 60 days ([`fanfare::ledger`]), less one for
/// clocks and for the time between an event and its application.
const REMEMBERED: Duration = Duration::from_secs(59 * 24 * 60 * 60);

/// An event that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outgoing {
    pub(super) event_type: String,
    pub(super) body: String,
}

/// Events that are to be sent, and what they are.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) outgoing: Vec<Outgoing>,
    pub(super) next: Option<Place>,
    pub(super) looked_at: u64,
    tallies: BTreeMap<String, Tally>,
}

impl Page {
    /// Adds what the page holds to the sums.
    pub(super) fn count(&self, types: &mut BTreeMap<String, Tally>) {
        for (event_type, tally) in &self.tallies {
            let sum = types.entry(event_type.clone()).or_default();
            sum.fresh += tally.fresh;
            sum.applied += tally.applied;
            sum.forced += tally.forced;
            sum.too_old += tally.too_old;
        }
    }
}

/// Reads the event store and the ledger.
pub(super) struct Reader {
    pub(super) store: EventStore,
    pub(super) filter: Filter,
    pub(super) correlation_id: Option<String>,
    /// What the consumer's subscription lets through.
    pub(super) policy: FilterPolicy,
    pub(super) ledger: Ledger,
    pub(super) consumer: String,
    pub(super) force: Option<Force>,
}

impl Reader {
    /// About how many events are to be looked at; 0 when nobody knows.
    pub(super) async fn size(&self) -> Result<u64, ReplayError> {
        match self.correlation_id {
            Some(_) => Ok(0),
            None => Ok(self.store.size().await?),
        }
    }

    /// The page after a place.
    pub(super) async fn page(&self, after: Option<&Place>) -> Result<Page, ReplayError> {
        let page = match &self.correlation_id {
            Some(id) => self.store.page_about(id, after, PAGE).await?,
            None => self.store.page(&self.filter, after, PAGE).await?,
        };
        let mut asked = Vec::with_capacity(page.events.len());
        for stored in page.events {
            let envelope = stored.envelope()?;
            if self.filter.takes(&envelope) && self.policy.takes(&envelope) {
                asked.push((stored, envelope));
            }
        }
        let ids = asked.iter().map(|(_, event)| ledger::id(&self.consumer, &event.event_id));
        let records = self.ledger.read(ids.collect()).await.map_err(ReplayError::Ledger)?;
        let mut read = Page { next: page.next, looked_at: page.looked_at, ..Page::default() };
        for (stored, event) in asked {
            let tally = read.tallies.entry(event.event_type.clone()).or_default();
            read.outgoing.extend(self.outgoing(stored, event, &records, tally)?);
        }
        Ok(read)
    }

    /// What is sent for an event, if anything is.
    fn outgoing(
        &self,
        stored: Stored,
        event: Envelope,
        records: &HashMap<String, Record>,
        tally: &mut Tally,
    ) -> Result<Option<Outgoing>, ReplayError> {
        let record = records.get(&ledger::id(&self.consumer, &event.event_id));
        let is_applied = record.is_some_and(|record| record.outcome == Outcome::Done);
        let is_old = Timestamp::now().checked_sub(REMEMBERED).is_ok_and(|at| event.timestamp < at);
        let event_type = event.event_type.clone();
        Ok(match &self.force {
            Some(force) if is_applied => {
                tally.forced += 1;
                Some(Outgoing { event_type, body: renamed(event, force)? })
            }
            None if is_old && record.is_none() => {
                tally.too_old += 1;
                None
            }
            None if is_applied => {
                tally.applied += 1;
                None
            }
            Some(_) | None => {
                tally.fresh += 1;
                Some(Outgoing { event_type, body: stored.json })
            }
        })
    }
}

/// The event under the id that it has in a replay.
fn renamed(event: Envelope, force: &Force) -> Result<String, ReplayError> {
    let failed = |source: Box<dyn std::error::Error + Send + Sync>| ReplayError::Event {
        event: event.event_id.to_string(),
        source,
    };
    let id = EventId::new(format!("{}:replay:{}", event.event_id, force.name()));
    let event_id = id.map_err(|e| failed(e.into()))?;
    let renamed = Envelope { event_id, ..event.clone() };
    renamed.to_json().map_err(|e| failed(e.into()))
}
