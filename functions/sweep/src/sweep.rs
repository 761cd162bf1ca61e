//! One sweep over all sagas that wait.

use crate::due::{Due, First, Unread, due};
use crate::patience::Patience;
use crate::swept::Swept;
use crate::tell::{NotTold, Teller, Told};
use aws_sdk_dynamodb::Client;
use fanfare_bootstrap::{Environment, ErrorChain, SettingError};
use fanfare_event::Timestamp;
use fanfare_event_store::EventStore;
use futures_util::stream::{self, StreamExt};
use read_models::sagas::Lane;
use std::cell::Cell;
use std::pin::pin;
use tokio::time::{Instant, sleep_until};

/// Orders that are announced at once.
const ANNOUNCEMENTS: usize = 32;
/// Partitions that are read at once.
const LANES: usize = 8;
/// Failures of one sweep that are logged; the others are counted.
const LOGGED: u64 = 20;

/// Looks for orders that wait for too long.
#[derive(Debug)]
pub struct Sweep {
    teller: Teller,
    patience: Patience,
}

/// Why something was left.
#[derive(Debug, thiserror::Error)]
enum Left {
    #[error(transparent)]
    Unread(#[from] Unread),
    #[error(transparent)]
    NotTold(#[from] NotTold),
}

impl Sweep {
    /// A sweep of `SAGAS_TABLE` that appends to `EVENTS_TABLE` what has waited for longer than `SAGA_TIMEOUT_SECONDS`,
    /// `STALL_SECONDS` or `REFUND_LOOK_SECONDS`.
    ///
    /// # Errors
    /// When one of the tables is not named, or one of the numbers is none.
    pub async fn new(environment: &Environment) -> Result<Self, SettingError> {
        let client = Client::new(&fanfare_bootstrap::aws_config(environment).await?);
        Self::on(client, environment)
    }

    /// The same on a client of one's own: how a simulation runs it.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn on(client: Client, environment: &Environment) -> Result<Self, SettingError> {
        let events = EventStore::new(client.clone(), environment.required("EVENTS_TABLE")?);
        let sagas = environment.required("SAGAS_TABLE")?.to_owned();
        let patience = Patience::from_environment(environment)?;
        Ok(Self { teller: Teller { client, sagas, events }, patience })
    }

    /// Announces every order that waits for too long, each once, as far as it gets until the deadline. What can't be
    /// read or announced is passed over, and counted.
    pub async fn run(&self, now: Timestamp, deadline: Instant) -> Swept {
        let (seen, read) = (Cell::new(0), Cell::new(0));
        let (lanes, first) = course(now);
        let of = lanes.len() as u64;
        let waiting = stream::iter(lanes).map(|lane| self.lane(lane, first, now, &read));
        let waiting = waiting.flatten_unordered(LANES).inspect(|_| seen.set(seen.get() + 1));
        let told = waiting.map(|due| self.tell(due, now)).buffer_unordered(ANNOUNCEMENTS);
        let mut told = pin!(told.take_until(sleep_until(deadline)));
        let (mut swept, mut ended, mut failed) = (Swept::default(), 0, 0);
        while let Some(told) = told.next().await {
            ended += 1;
            match told {
                Ok(told) => swept.count(told),
                Err(left) => {
                    failed += 1;
                    if failed <= LOGGED {
                        tracing::error!(error = %ErrorChain(&left), "something was left");
                    }
                }
            }
        }
        swept.left = failed + (seen.get() - ended) + (of - read.get());
        tracing::info!(?swept, "swept");
        swept
    }

    /// A partition's sagas that have waited for too long. Says when it is read to its end.
    fn lane<'a>(
        &self,
        lane: Lane,
        first: First,
        now: Timestamp,
        read: &'a Cell<u64>,
    ) -> impl stream::Stream<Item = Result<Due, Unread>> + use<'a> {
        let Teller { client, sagas, .. } = &self.teller;
        let ends = self.patience.ends(lane.wait, now);
        let end = stream::poll_fn(|_| {
            read.set(read.get() + 1);
            std::task::Poll::Ready(None)
        });
        Box::pin(due(client, sagas, lane, ends, first).chain(end))
    }

    async fn tell(&self, due: Result<Due, Unread>, now: Timestamp) -> Result<Told, Left> {
        Ok(self.teller.tell(&due?, now).await?)
    }
}

/// The order of a sweep made then: each minute it begins with another partition, every second minute with the newest of
/// each. So whatever fails or takes long, and however much of it there is, what stands behind it has its turn.
fn course(now: Timestamp) -> (Vec<Lane>, First) {
    let minute = now.as_second().div_euclid(60);
    let mut lanes: Vec<_> = Lane::all().collect();
    let begin = usize::try_from(minute.rem_euclid(i64::try_from(lanes.len()).unwrap_or(1)));
    lanes.rotate_left(begin.unwrap_or(0));
    let first = if minute % 2 == 0 { First::Oldest } else { First::Newest };
    (lanes, first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> (Vec<Lane>, First) {
        course(Timestamp::from_second(minute * 60).expect("a time"))
    }

    #[test]
    fn each_minute_it_begins_elsewhere_and_leaves_no_partition_out() {
        let (first, second) = (at(0), at(1));
        assert_ne!(first.0[0], second.0[0]);
        assert_ne!(first.1, second.1);
        for lane in Lane::all() {
            assert!(first.0.contains(&lane) && second.0.contains(&lane));
            assert!((0..24).any(|minute| at(minute).0[0] == lane), "{lane} is never the first");
        }
    }
}
