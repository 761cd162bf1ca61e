//! Events page by page, and the places between pages.

use crate::item::{CORRELATION_ID, ENVELOPE, RECORDED_AT, STREAM, VERSION};
use crate::{StoreError, envelope};
use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_event::{Envelope, Timestamp};
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// Where a page ended, for the next to begin after. Its text form is what a caller is given to come back with.
///
/// ```
/// use fanfare_event_store::{NoPlace, Place};
///
/// let place: Place = "1705314600000000.7.room-attic".parse()?;
/// assert_eq!(place.to_string(), "1705314600000000.7.room-attic");
/// # Ok::<(), NoPlace>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub(crate) stream: String,
    pub(crate) version: u64,
    /// Microseconds since 1970; 0 where the order is not by time.
    pub(crate) recorded_at: i64,
}

/// A text that names no place.
///
/// ```
/// use fanfare_event_store::{NoPlace, Place};
///
/// assert_eq!("somewhere".parse::<Place>(), Err(NoPlace));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a place that a page ended at")]
pub struct NoPlace;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.recorded_at, self.version, self.stream)
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let mut parts = text.splitn(3, '.');
        let mut next = || parts.next().ok_or(NoPlace);
        let recorded_at = next()?.parse().map_err(|_| NoPlace)?;
        let version = next()?.parse().map_err(|_| NoPlace)?;
        let stream = next()?.to_owned();
        // Of a stream's name DynamoDB takes 2,048 bytes; ids leave it far shorter.
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
        let is_place = version > 0 && (1..=512).contains(&stream.len());
        match is_place && stream.bytes().all(is_name) {
            true => Ok(Self { stream, version, recorded_at }),
            false => Err(NoPlace),
        }
    }
}

impl Place {
    /// The place of an item, or of a key that DynamoDB ended a page at.
    pub(crate) fn of(item: &Item) -> Option<Self> {
        let number = |name| item.get(name).and_then(|value| value.as_n().ok());
        Some(Self {
            stream: item.get(STREAM)?.as_s().ok()?.clone(),
            version: number(VERSION)?.parse().ok()?,
            recorded_at: number(RECORDED_AT).and_then(|n| n.parse().ok()).unwrap_or(0),
        })
    }

    /// The key in the table.
    pub(crate) fn key(&self) -> Item {
        HashMap::from([
            (STREAM.to_owned(), AttributeValue::S(self.stream.clone())),
            (VERSION.to_owned(), AttributeValue::N(self.version.to_string())),
        ])
    }

    /// The key in the index by correlation.
    pub(crate) fn key_about(&self, correlation_id: &str) -> Item {
        let mut key = self.key();
        key.insert(CORRELATION_ID.to_owned(), AttributeValue::S(correlation_id.to_owned()));
        key.insert(RECORDED_AT.to_owned(), AttributeValue::N(self.recorded_at.to_string()));
        key
    }
}

/// Some events, and where to go on.
///
/// ```no_run
/// use fanfare_event_store::{EventStore, Filter, StoreError};
///
/// /// How many events there are, page by page.
/// async fn count(store: &EventStore) -> Result<usize, StoreError> {
///     let mut count = 0;
///     let mut after = None;
///     loop {
///         let page = store.page(&Filter::default(), after.as_ref(), 1000).await?;
///         count += page.events.len();
///         after = page.next;
///         if after.is_none() {
///             return Ok(count);
///         }
///     }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Page {
    /// The events.
    pub events: Vec<Stored>,
    /// Where the page ended; `None` when there is nothing after it.
    pub next: Option<Place>,
    /// How many events were looked at, those that were not asked for included.
    pub looked_at: u64,
}

/// An event as it lies in the store.
///
/// ```
/// use fanfare_event_store::{StoreError, Stored};
///
/// let json = r#"{"eventType":"DoorOpened","eventId":"evt_1","timestamp":"2026-01-15T10:30:00Z","payload":{}}"#;
/// let stored = Stored { stream: "door-1".to_owned(), json: json.to_owned() };
/// assert_eq!(stored.envelope()?.event_id.as_str(), "evt_1");
/// # Ok::<(), StoreError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its stream.
    pub stream: String,
    /// Its envelope as JSON, as it was announced.
    pub json: String,
}

impl Stored {
    /// # Errors
    /// [`StoreError::Malformed`] when the item holds no envelope.
    pub(crate) fn of(item: &Item) -> Result<Self, StoreError> {
        let text = |name| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        let stream = text(STREAM).unwrap_or_else(|| "(none)".to_owned());
        match text(ENVELOPE) {
            Some(json) => Ok(Self { stream, json }),
            None => Err(StoreError::Malformed { stream, what: "it has no envelope".to_owned() }),
        }
    }

    /// The envelope.
    ///
    /// # Errors
    /// [`StoreError::Malformed`] when it can't be read.
    pub fn envelope(&self) -> Result<Envelope, StoreError> {
        Envelope::from_json(&self.json).map_err(|error| StoreError::Malformed {
            stream: self.stream.clone(),
            what: error.to_string(),
        })
    }
}

/// Which events are asked for: those that all of it holds for.
///
/// ```
/// use fanfare_event::{Envelope, SchemaError};
/// use fanfare_event_store::Filter;
///
/// let json = r#"{"eventType":"DoorOpened","eventId":"evt_1","timestamp":"2026-01-15T10:30:00Z","payload":{}}"#;
/// let event = Envelope::from_json(json)?;
/// let doors = Filter { types: Some(vec!["DoorOpened".to_owned()]), ..Filter::default() };
/// assert!(doors.takes(&event));
/// # Ok::<(), SchemaError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those that happened then or later.
    pub from: Option<Timestamp>,
    /// Those that happened before.
    pub to: Option<Timestamp>,
    /// Those of one of these types.
    pub types: Option<Vec<String>>,
}

impl Filter {
    /// Whether an event is asked for.
    pub fn takes(&self, event: &Envelope) -> bool {
        self.from.is_none_or(|from| event.timestamp >= from)
            && self.to.is_none_or(|to| event.timestamp < to)
            && self.types.as_ref().is_none_or(|types| types.contains(&event.event_type))
    }
}

/// The event that an item of the index holds, with its place.
pub(crate) fn placed(item: &Item) -> Result<(Place, Stored), StoreError> {
    let stored = Stored::of(item)?;
    let place = Place::of(item).ok_or_else(|| StoreError::Malformed {
        stream: stored.stream.clone(),
        what: "its key is not a stream and a version".to_owned(),
    })?;
    envelope(item)?;
    Ok((place, stored))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_its_text() {
        for (stream, recorded_at) in [("order-ord_1", 1_705_314_600_000_000), ("a.b:c-1", -5)] {
            let place = Place { stream: stream.to_owned(), version: 7, recorded_at };
            assert_eq!(place.to_string().parse(), Ok(place));
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in ["", "x", "1.2", "1.0.s", "a.1.s", "1.1.", "1.1.a b", "1.1.a#b", "1.-1.s"] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }
}
