//! The ledger: for every event and consumer, what became of it.
//!
//! A record is both the duplicate guard and the answer to "who consumed what, when, how long, how often
//! did it fail". Its key is `consumer#eventId`, so that a role can be limited to its own consumer's
//! records by `dynamodb:LeadingKeys`.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemError;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use fanfare_event::{EventId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Duration;

pub(crate) const ID: &str = "id";
pub(crate) const FIRST_SEEN_AT: &str = "firstSeenAt";
pub(crate) const ERROR: &str = "error";
pub(crate) const TOKEN: &str = "token";
pub(crate) const TRIES: &str = "tries";
pub(crate) const BEGUN: &str = "begun";
pub(crate) const CLAIMS: &str = "claims";

/// Days that a record is kept. A copy of an event can arrive late by SNS's retries (23 days), the
/// queue's retention (14) and the dead-letter queue's (14); a record must outlive them all, or the copy
/// would be applied again.
const RETENTION_DAYS: i64 = 60;
/// Keys in one BatchGetItem at the most
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>).
const KEYS_PER_READ: usize = 100;
/// How often items that DynamoDB left out are asked for again, and the pause before, which doubles.
const LEFT_OUT_ROUNDS: u32 = 5;
const LEFT_OUT_PAUSE: Duration = Duration::from_millis(10);

/// What became of an event at a consumer.
///
/// ```
/// use fanfare::ledger::Outcome;
///
/// assert_eq!(serde_json::to_string(&Outcome::DeadLettered)?, r#""dead-lettered""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Applied, exactly once.
    Done,
    /// An effect is under way, or its owner died; see `lease_until`.
    Claimed,
    /// Failed so far; it will be tried again.
    Failed,
    /// In the dead-letter queue, or on its way there.
    DeadLettered,
}

/// One failed attempt.
///
/// ```
/// use fanfare::ledger::PastFailure;
///
/// let json = r#"{"at": "2024-01-15T10:30:00Z", "attempt": 2, "error": "not yet"}"#;
/// let failure: PastFailure = serde_json::from_str(json)?;
/// assert_eq!((failure.attempt, failure.error.as_str()), (2, "not yet"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastFailure {
    /// When it ended.
    pub at: Timestamp,
    /// Which receipt of the message it was, as SQS counts; being held back counts there too.
    pub attempt: u32,
    /// Why it failed.
    pub error: String,
}

/// An effect that was performed.
///
/// ```
/// use fanfare::ledger::PastEffect;
///
/// let effect = PastEffect { digest: "9f86d0".to_owned(), result: r#""ch_1""#.to_owned() };
/// assert_eq!(serde_json::from_str::<String>(&effect.result)?, "ch_1");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastEffect {
    /// What tells the event's content from another's under the same id.
    pub digest: String,
    /// What it came to, as JSON.
    pub result: String,
}

/// One record of the ledger: what an item of the ledger's table holds, once for each event and consumer.
///
/// ```
/// use fanfare::ledger::{Outcome, Record};
///
/// let record: Record = serde_json::from_value(serde_json::json!({
///     "id": "heat#evt_1", "outcome": "done", "did": "counted", "attempts": 1, "durationMicros": 412,
///     "firstSeenAt": "2024-01-15T10:30:00Z", "finishedAt": "2024-01-15T10:30:01Z",
///     "expiresAt": 1_710_498_601,
/// }))?;
/// assert_eq!(record.outcome, Outcome::Done);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// `consumer#eventId`.
    pub id: String,
    /// What became of the event.
    pub outcome: Outcome,
    /// What the consumer did, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub did: Option<String>,
    /// Why it failed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How often the message was received, as SQS counts.
    pub attempts: u32,
    /// When the message was first received.
    pub first_seen_at: Timestamp,
    /// When the last attempt ended, just before its result was written.
    pub finished_at: Timestamp,
    /// Microseconds that the last attempt took, its commit not included.
    pub duration_micros: u64,
    /// The trace that the event belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// What tells this event's content from another's under the same id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The failed attempts so far: the first and the last of them, if they are many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<PastFailure>,
    /// How many tries are used up, since the message was last put back from the dead-letter queue.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u32,
    /// How many attempts have begun since the last one that is known to have ended. Counted only of messages that
    /// were received often: they may be killing the process.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub begun: u32,
    /// How often the effect was begun since its outcome was last known.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub claims: u32,
    /// Who holds the lease on the effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Until when, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease_until: Option<i64>,
    /// The effect that was performed for it, if what it came to is worth keeping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<PastEffect>,
    /// When DynamoDB may forget the record, in seconds since 1970.
    pub expires_at: i64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// When a record written now may be forgotten, in seconds since 1970.
pub(crate) fn expiry(now: Timestamp) -> i64 {
    now.as_second() + RETENTION_DAYS * 24 * 60 * 60
}

/// The key of a record.
///
/// ```
/// use fanfare::{EventId, ledger};
///
/// assert_eq!(ledger::id("heat", &EventId::new("evt_1")?), "heat#evt_1");
/// # Ok::<(), fanfare::InvalidId>(())
/// ```
pub fn id(consumer: &str, event: &EventId) -> String {
    format!("{consumer}#{event}")
}

/// Why the ledger could not be read.
///
/// ```
/// use fanfare::ledger::LedgerError;
///
/// fn may_pass(error: &LedgerError) -> bool {
///     match error {
///         LedgerError::Unavailable(_) => true,
///         LedgerError::Malformed(_) => false,
///     }
/// }
/// # assert!(may_pass(&LedgerError::Unavailable("no answer".into())));
/// ```
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// DynamoDB did not answer, or refused.
    #[error("the ledger is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A record is not what this crate writes.
    #[error("a record of the ledger is malformed")]
    Malformed(#[source] BoxError),
}

/// Reads the ledger.
///
/// ```no_run
/// use fanfare::aws::aws_sdk_dynamodb::Client;
/// use fanfare::ledger::{self, Ledger, LedgerError};
/// use fanfare::EventId;
///
/// /// Whether a consumer has a record of an event.
/// async fn has_seen(client: Client, consumer: &str, event: &EventId) -> Result<bool, LedgerError> {
///     let id = ledger::id(consumer, event);
///     Ok(Ledger::new(client, "ledger").read(vec![id.clone()]).await?.contains_key(&id))
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Ledger {
    client: Client,
    table: String,
}

impl Ledger {
    /// The ledger in the table of this name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The records of these keys, by key; a key without a record is left out.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn read(&self, ids: Vec<String>) -> Result<HashMap<String, Record>, LedgerError> {
        let keys =
            ids.into_iter().map(|id| HashMap::from([(ID.to_owned(), AttributeValue::S(id))]));
        let items = batch_get(&self.client, keys.map(|key| (self.table.clone(), key)))
            .await
            .map_err(|error| LedgerError::Unavailable(error.into()))?;
        items
            .into_iter()
            .map(|(_, item)| {
                let record: Record = serde_dynamo::from_item(item)
                    .map_err(|error| LedgerError::Malformed(error.into()))?;
                Ok((record.id.clone(), record))
            })
            .collect()
    }
}

type Item = HashMap<String, AttributeValue>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why items could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    /// The request was never sent.
    #[error("the request is malformed")]
    Malformed(#[from] BuildError),
    /// DynamoDB did not answer, or refused.
    #[error("BatchGetItem failed")]
    Failed(#[source] Box<SdkError<BatchGetItemError>>),
    /// DynamoDB left out items time and again.
    #[error("DynamoDB kept leaving out items")]
    Unprocessed,
}

impl ReadError {
    /// Whether the request itself is at fault.
    pub(crate) fn is_invalid(&self) -> bool {
        match self {
            Self::Malformed(_) => true,
            Self::Failed(error) => error.code() == Some("ValidationException"),
            Self::Unprocessed => false,
        }
    }
}

/// Reads items of any tables, in as few requests as they take, asking again, ever more slowly, for what
/// DynamoDB left out. Strongly consistent. Gives each item found with its table.
pub(crate) async fn batch_get(
    client: &Client,
    keys: impl Iterator<Item = (String, Item)>,
) -> Result<Vec<(String, Item)>, ReadError> {
    let mut waiting: Vec<(String, Item)> = keys.collect();
    let mut found = Vec::with_capacity(waiting.len());
    let mut rounds_without_all = 0;
    while !waiting.is_empty() {
        let rest = waiting.split_off(waiting.len().min(KEYS_PER_READ));
        let mut request: HashMap<String, Vec<Item>> = HashMap::new();
        for (table, key) in waiting {
            request.entry(table).or_default().push(key);
        }
        let keys_of = |(table, keys)| {
            let keys = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
            Ok::<_, BuildError>((table, keys.build()?))
        };
        let request = request.into_iter().map(keys_of).collect::<Result<HashMap<_, _>, _>>()?;
        let request = client.batch_get_item().set_request_items(Some(request));
        let answer = request.send().await.map_err(|error| ReadError::Failed(Box::new(error)))?;
        for (table, items) in answer.responses.unwrap_or_default() {
            found.extend(items.into_iter().map(|item| (table.clone(), item)));
        }
        waiting = rest;
        let left_out = answer.unprocessed_keys.unwrap_or_default();
        if !left_out.is_empty() {
            rounds_without_all += 1;
            if rounds_without_all > LEFT_OUT_ROUNDS {
                return Err(ReadError::Unprocessed);
            }
            tokio::time::sleep(LEFT_OUT_PAUSE * (1 << rounds_without_all)).await;
        }
        for (table, keys) in left_out {
            waiting.extend(keys.keys.into_iter().map(|key| (table.clone(), key)));
        }
    }
    Ok(found)
}
