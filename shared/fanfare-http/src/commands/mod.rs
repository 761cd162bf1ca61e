//! Commands: calls that append events, once for each key.

mod command;
mod error;
mod key;

pub use command::Command;
pub use error::CommandError;

use crate::{Request, Response};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use fanfare_bootstrap::{Environment, SettingError};
use fanfare_event::{Envelope, Timestamp};
use fanfare_event_store::{EventStore, FailedCondition, TransactionError};
use key::KeyRecord;
use std::collections::HashMap;
use std::time::Duration;

/// How often a transaction is tried that met another one, or a stream that had grown.
const TRIES: u32 = 6;
/// The longest pause before the second try, in milliseconds; it doubles from try to try.
const PAUSE_MS: u64 = 40;

/// Carries out commands: the events of each, and the record of its key, in one transaction. Cheap to clone.
///
/// The records of keys lie in the ledger's table, whose partition key is `id`, under ids that begin with the source and
/// `#`, and expire by its attribute `expiresAt`. The function needs `dynamodb:PutItem` on both tables, and
/// `dynamodb:Query` on the event store's for events that are [announced](Command::announce).
#[derive(Debug, Clone)]
pub struct Commands {
    client: Client,
    events: EventStore,
    ledger: String,
    source: String,
}

impl Commands {
    /// Commands of this source, which is the name of the function that appends: it becomes the events' `source`.
    ///
    /// ```no_run
    /// use fanfare_event_store::EventStore;
    /// use fanfare_http::Commands;
    ///
    /// fn commands(client: aws_sdk_dynamodb::Client) -> Commands {
    ///     let events = EventStore::new(client.clone(), "EventsTable");
    ///     Commands::new(client, events, "LedgerTable", "readings")
    /// }
    /// ```
    pub fn new(
        client: Client,
        events: EventStore,
        ledger: impl Into<String>,
        source: impl Into<String>,
    ) -> Self {
        Self { client, events, ledger: ledger.into(), source: source.into() }
    }

    /// The same with a client of its own, and the tables that `EVENTS_TABLE` and `LEDGER_TABLE` name.
    ///
    /// # Errors
    /// [`SettingError`] when one of them or `AWS_REGION` is not set.
    pub async fn from_environment(
        source: impl Into<String>,
        environment: &Environment,
    ) -> Result<Self, SettingError> {
        let events = environment.required("EVENTS_TABLE")?;
        let ledger = environment.required("LEDGER_TABLE")?;
        let client = Client::new(&fanfare_bootstrap::aws_config(environment).await?);
        Ok(Self::new(client.clone(), EventStore::new(client, events), ledger, source))
    }

    /// Carries out a command. With an `Idempotency-Key`, a repeat gets the first call's response; without one, each call
    /// is carried out.
    ///
    /// # Errors
    /// [`CommandError`], which `?` makes a [`Problem`](crate::Problem).
    pub async fn execute(
        &self,
        request: &Request,
        command: Command,
    ) -> Result<Response, CommandError> {
        let key = request.idempotency_key().map_err(CommandError::Key)?;
        let record = key.map(|key| KeyRecord::new(&self.source, key, request.caller(), &command));
        for attempt in 0..TRIES {
            pause_before(attempt).await;
            let items = self.items(request, &command, record.as_ref()).await?;
            let write = self.client.transact_write_items().set_transact_items(Some(items));
            let Err(error) = write.send().await else { return Ok(command.response) };
            match TransactionError::of(error) {
                TransactionError::ConditionsFailed(failed) => {
                    if let Some(record) = &record
                        && let Some(before) = at(&failed, command.place_of_key())
                    {
                        return record.answer_of(before);
                    }
                    if let Some(stream) = command.strict_stream_among(&failed) {
                        return Err(CommandError::StreamMoved { stream });
                    }
                    if command.has_refused_write(&failed) {
                        return Err(CommandError::Refused);
                    }
                }
                TransactionError::Conflict | TransactionError::Throttled => {}
                TransactionError::Invalid(what) => return Err(CommandError::Invalid(what)),
                TransactionError::Unavailable(error) => {
                    return Err(CommandError::Unavailable(error));
                }
            }
        }
        Err(CommandError::Busy)
    }

    /// The first call's response to a key that is remembered, for a command that makes no sense any more: what it was decided by
    /// may have changed since. `None` without a key, or when it is new.
    ///
    /// It reads the key's record from the ledger, for which the function needs `dynamodb:GetItem`.
    ///
    /// # Errors
    /// [`CommandError`], which `?` makes a [`Problem`](crate::Problem).
    pub async fn answered(
        &self,
        request: &Request,
        command: &Command,
    ) -> Result<Option<Response>, CommandError> {
        let Some(key) = request.idempotency_key().map_err(CommandError::Key)? else {
            return Ok(None);
        };
        let record = KeyRecord::new(&self.source, key, request.caller(), command);
        let read = self.client.get_item().table_name(&self.ledger).key("id", record.key());
        let found = read.consistent_read(true).send().await;
        match found.map_err(|error| CommandError::Unavailable(error.into()))?.item {
            Some(item) => record.answer_if_remembered(item, Timestamp::now()),
            None => Ok(None),
        }
    }

    /// The items of the transaction: the events in their order, the command's own writes, and the key's record behind them.
    async fn items(
        &self,
        request: &Request,
        command: &Command,
        record: Option<&KeyRecord>,
    ) -> Result<Vec<TransactWriteItem>, CommandError> {
        let mut ends: HashMap<String, u64> = HashMap::new();
        let mut items = Vec::new();
        for event in &command.events {
            let stream = event.stream();
            let before = match (event.after, ends.get(stream)) {
                (Some(after), _) => after,
                (None, Some(end)) => *end,
                (None, None) => self.events.head(stream).await?,
            };
            ends.insert(stream.to_owned(), before + 1);
            let envelope = Envelope {
                version: Some(before + 1),
                traceparent: request.traceparent(),
                source: Some(self.source.clone()),
                ..event.envelope.clone()
            };
            items.push(item(self.events.put(&envelope)?));
        }
        items.extend(command.writes.iter().cloned());
        if let Some(record) = record {
            items.push(item(record.put(&self.ledger, Timestamp::now())?));
        }
        Ok(items)
    }
}

fn at(failed: &[FailedCondition], place: usize) -> Option<&FailedCondition> {
    failed.iter().find(|condition| condition.place == place)
}

fn item(put: Put) -> TransactWriteItem {
    TransactWriteItem::builder().put(put).build()
}

/// Waits before all tries but the first, a growing time by chance: two who met once should not meet again.
async fn pause_before(attempt: u32) {
    if let Some(doublings) = attempt.checked_sub(1) {
        let most = PAUSE_MS << doublings;
        tokio::time::sleep(Duration::from_millis(fastrand::u64(most / 2..=most))).await;
    }
}
