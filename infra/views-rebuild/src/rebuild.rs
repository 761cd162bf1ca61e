//! Building the views anew from the event store, while events keep flowing and the old ones are read.
//!
//! Why nothing is missed and nothing read half-done is told in [`read_models::views`].

use crate::RebuildError;
use crate::builder::Builder;
use crate::index::Index;
use crate::lease::Lease;
use crate::sweep::{Known, Sweep};
use event_schema::StoreEvent;
use fanfare_event_store::{EventStore, Filter};
use fanfare_operate::{Connection, Progress, Stop};
use read_models::views::{Control, Generation};
use std::time::Duration;

/// The table of the views, by its name in the store's template.
const VIEWS_TABLE: &str = "ViewsTable";

/// Events that are added at once.
const PAGE: u16 = 100;
/// How long a rebuild that does not say that it is alive keeps others out.
const LEASE: Duration = Duration::from_secs(60);
/// How long the index of orders by customer may lag: it does by fractions of a second, says AWS
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html>).
const PATIENCE: Duration = Duration::from_secs(30);

/// How the views are rebuilt.
#[derive(Debug, Clone)]
pub struct Rebuilding {
    /// How long a rebuild that is killed keeps others out.
    pub lease: Duration,
    /// How long the index of orders by customer may lag behind the table.
    pub patience: Duration,
}

impl Default for Rebuilding {
    fn default() -> Self {
        Self { lease: LEASE, patience: PATIENCE }
    }
}

/// What a rebuild came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// The generation that is shown now.
    pub generation: u64,
    /// Events that it was made of.
    pub events: u64,
    /// Events of types that this build does not know, which were left out.
    pub unknown: u64,
}

/// Builds the views of a running store anew and shows them once they are complete. What was shown before stays until
/// then. Whatever ends it early, what is shown stays as it was, and a new rebuild begins from the start.
///
/// # Errors
/// [`RebuildError::Busy`] while another rebuild is under way; [`RebuildError::Interrupted`] when asked to stop.
pub async fn rebuild(
    store: &Connection,
    rebuilding: &Rebuilding,
    progress: &impl Progress,
    stop: &Stop,
) -> Result<Rebuilt, RebuildError> {
    let events = store.event_store().await?;
    let views = store.table(VIEWS_TABLE).await?;
    let client = store.dynamodb().clone();
    let lease = Lease::take(client.clone(), views.clone(), rebuilding.lease).await?;
    let patience = rebuilding.patience;
    let mut rebuild = Rebuild {
        sweep: Sweep { client: client.clone(), table: views.clone() },
        index: Index { client: client.clone(), table: views.clone(), patience },
        client,
        table: views,
        events,
        lease,
        progress,
        stop,
    };
    let rebuilt = rebuild.run().await;
    // Whatever happened: others need not wait, and events need not go where nobody will read them.
    let given_up = rebuild.lease.give_up().await;
    match (rebuilt, given_up) {
        (Err(error), _) | (Ok(_), Err(error)) => Err(error),
        (Ok(rebuilt), Ok(())) => Ok(rebuilt),
    }
}

/// A rebuild under way.
struct Rebuild<'a, P> {
    client: aws_sdk_dynamodb::Client,
    table: String,
    events: EventStore,
    sweep: Sweep,
    index: Index,
    lease: Lease,
    progress: &'a P,
    stop: &'a Stop,
}

impl<P: Progress> Rebuild<'_, P> {
    async fn run(&mut self) -> Result<Rebuilt, RebuildError> {
        // Newer than the newest are a successor's, which the lease will tell, or there since the generations were lost.
        let newest = self.clear("clearing what is left of former rebuilds").await?;
        let control = Control { newest, ..self.lease.control().clone() };
        let generation = control.next();
        // From now on events go into the new generation too. Those before are in the event store already.
        let control = Control { building: Some(generation), newest: generation, ..control };
        self.lease.write(control.clone()).await?;
        let rebuilt = self.build(generation).await?;
        self.lease.write(Control { active: generation, building: None, ..control }).await?;
        match self.clear("clearing what was shown before").await {
            // The new one is shown: what is left of the old one is cleared by the next rebuild.
            Ok(_) | Err(RebuildError::Interrupted) => Ok(rebuilt),
            Err(error) => Err(error),
        }
    }

    async fn build(&mut self, generation: Generation) -> Result<Rebuilt, RebuildError> {
        self.progress.begin("adding events");
        self.progress.expect(self.events.size().await?);
        let (client, table) = (self.client.clone(), self.table.clone());
        let mut builder = Builder::new(client, table, generation, self.lease.fence()?);
        let types = StoreEvent::TYPES.map(str::to_owned).to_vec();
        let everything = Filter::default();
        let mut rebuilt = Rebuilt { generation: generation.0, events: 0, unknown: 0 };
        let (mut after, mut sample) = (None, None);
        loop {
            self.go_on().await?;
            let page = self.events.page(&everything, after.as_ref(), PAGE).await?;
            let mut events = Vec::with_capacity(page.events.len());
            for stored in &page.events {
                let envelope = stored.envelope()?;
                match types.contains(&envelope.event_type) {
                    true => events.push(envelope),
                    false => rebuilt.unknown += 1,
                }
            }
            builder.add(&events).await?;
            // That of the page before, which the index has had some time for.
            self.index.shows(sample.as_ref()).await?;
            sample = builder.sample().or(sample);
            rebuilt.events += events.len() as u64;
            self.progress.advance(page.looked_at);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        self.index.shows(sample.as_ref()).await?;
        Ok(rebuilt)
    }

    /// Clears all that is of an older generation than the newest one, and not of the one that is shown. Gives the newest
    /// that there are items of.
    async fn clear(&mut self, what: &'static str) -> Result<Generation, RebuildError> {
        let Control { active, newest, .. } = *self.lease.control();
        let mut seen = newest;
        self.progress.begin(what);
        let mut after = None;
        loop {
            self.go_on().await?;
            let swept = self.sweep.page(Known { active, newest }, after).await?;
            self.progress.advance(swept.items);
            seen = swept.newest.map_or(seen, |newest| newest.max(seen));
            after = swept.next;
            if after.is_none() {
                return Ok(seen);
            }
        }
    }

    /// Goes on unless a stop was asked for or somebody else has taken over.
    async fn go_on(&mut self) -> Result<(), RebuildError> {
        match self.stop.is_requested() {
            true => Err(RebuildError::Interrupted),
            false => self.lease.renew().await,
        }
    }
}
