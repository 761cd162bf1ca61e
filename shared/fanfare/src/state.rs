//! What a handler may know: items that it asked for, read before it is called.

use crate::committer::{Committer, DYNAMODB};
use crate::items::key_item;
use crate::{Failure, Key, Table, ledger};
use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_event::{Envelope, Redacted};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The items that a consumer asked to be read, as they were when the record was handled. Cheap to clone.
///
/// ```
/// use fanfare::{Consumer, Event, Failure, Key, State, Table, Work};
/// use serde::Deserialize;
/// # #[fanfare::event(stream = "room-{room}", correlation = room)]
/// # pub struct TemperatureMeasured { pub room: String, pub celsius: i64 }
///
/// const LIMITS: Table = Table::named_by("LIMITS_TABLE");
///
/// #[derive(Deserialize)]
/// struct Limit {
///     celsius: i64,
/// }
///
/// fn key(measured: &Event<TemperatureMeasured>) -> Key {
///     Key::new("room", measured.payload.room.clone())
/// }
///
/// async fn compare(measured: Event<TemperatureMeasured>, known: State) -> Result<Work, Failure> {
///     let limit = known
///         .item::<Limit>(LIMITS, &key(&measured))
///         .map_err(|e| Failure::permanent("the room's limit can't be read").caused_by(e))?;
///     Ok(match limit {
///         Some(limit) if limit.celsius < measured.payload.celsius => Work::did("too hot"),
///         _ => Work::did("fine"),
///     })
/// }
///
/// let consumer = Consumer::reading("limits", |event| vec![(LIMITS, key(event))], compare)
///     .tables([LIMITS]);
///
/// use fanfare::testing::{event, given};
/// use serde_json::json;
/// given(consumer)
///     .item(LIMITS, Key::new("room", "attic"), json!({"celsius": 25}))
///     .when(&event("evt_1", &TemperatureMeasured { room: "attic".to_owned(), celsius: 26 }))
///     .then_did("too hot");
/// ```
#[derive(Debug, Clone, Default)]
pub struct State(Arc<BTreeMap<(Table, Key), Item>>);

/// Asks for the event of a stream and version, for a consumer's `reads`; [`State::event`] gives it to the handler.
///
/// ```
/// use fanfare::{Event, Key, Table, stored_event};
/// # #[fanfare::event(stream = "room-{room}", correlation = room)]
/// # pub struct TemperatureMeasured { pub room: String, pub celsius: i64 }
///
/// fn reads(measured: &Event<TemperatureMeasured>) -> Vec<(Table, Key)> {
///     vec![stored_event(&format!("heat-{}", measured.payload.room), 1)]
/// }
/// ```
pub fn stored_event(stream: &str, version: u64) -> (Table, Key) {
    (EVENT_STORE, Key::new("stream", stream).and_number("version", version))
}

/// The event store's table. A consumer that [announces](crate::Consumer::announces) uses it without saying so; one that
/// only reads [stored events](stored_event) names it among its [tables](crate::Consumer::tables).
pub const EVENT_STORE: Table = Table::named_by("EVENTS_TABLE");

type Item = HashMap<String, AttributeValue>;

impl State {
    /// The item of a table and key, if there is one and it was asked for.
    ///
    /// # Errors
    /// When the item is not a `T`, in words that quote nothing of it.
    pub fn item<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &Key,
    ) -> Result<Option<T>, Redacted> {
        let item = self.0.get(&(table, key.clone())).cloned();
        let read = item.map(serde_dynamo::from_item).transpose();
        read.map_err(|e: serde_dynamo::Error| Redacted::words_of(&e))
    }

    /// The event of a stream and version, if there is one and [`stored_event`] was asked for.
    ///
    /// # Errors
    /// A permanent [`Failure`] when the item is no event.
    pub fn event(&self, stream: &str, version: u64) -> Result<Option<Envelope>, Failure> {
        let Some(item) = self.0.get(&stored_event(stream, version)) else { return Ok(None) };
        fanfare_event_store::envelope(item).map(Some).map_err(|e| {
            Failure::permanent(format!("event {version} of {stream} is unreadable")).caused_by(e)
        })
    }
}

impl FromIterator<((Table, Key), Item)> for State {
    fn from_iter<I: IntoIterator<Item = ((Table, Key), Item)>>(items: I) -> Self {
        Self(Arc::new(items.into_iter().collect()))
    }
}

/// Reads the items that handlers asked for, each once.
///
/// # Errors
/// A [`Failure`]: permanent when one of the keys can't be one, else worth a retry.
pub(crate) async fn read(
    committer: &Committer,
    mut wanted: Vec<(Table, Key)>,
) -> Result<State, Failure> {
    wanted.sort();
    wanted.dedup();
    let mut keys = Vec::with_capacity(wanted.len());
    for (table, key) in &wanted {
        keys.push((committer.tables.name(*table)?.to_owned(), key_item(key)));
    }
    let found = ledger::batch_get(&committer.client, keys.iter().cloned()).await.map_err(|e| {
        let failure = match e.is_invalid() {
            true => Failure::permanent("the handler asks for an item under an invalid key"),
            false => Failure::unavailable(DYNAMODB, "the consumer's state could not be read"),
        };
        failure.caused_by(e)
    })?;
    let wanted_of = |(real_table, item): (String, Item)| {
        let is_of = |key: &Item| key.iter().all(|(name, value)| item.get(name) == Some(value));
        let place = keys.iter().position(|(table, key)| *table == real_table && is_of(key))?;
        Some((wanted.get(place)?.clone(), item))
    };
    Ok(found.into_iter().filter_map(wanted_of).collect())
}
