//! Start means checked: what a consumer can't do without is looked for before it takes any message.
//!
//! The variables are looked at for nothing. Whether the tables exist is asked of DynamoDB, of all of them at once: it
//! takes as long as one round trip, however many they are, while the function initialises, where Lambda gives it more
//! CPU than later. The connections are those that the first batches go out on, so that they are set up here instead of
//! there. Nothing is read or written; the ledger's refused write costs one write unit.

use crate::batch::Runtime;
use crate::committer::Committer;
use crate::state::EVENT_STORE;
use crate::time_left::within;
use crate::{Consumer, Error, Table};
use aws_sdk_dynamodb::error::{BoxError, ProvideErrorMetadata};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use fanfare_bootstrap::{Environment, ErrorChain};
use fanfare_event::Payload;
use futures_util::future::join_all;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// The variable of the ledger, which every consumer has.
pub(crate) const LEDGER: Table = Table::named_by("LEDGER_TABLE");
/// How long DynamoDB may take to answer. A function starts without an answer too: an outage must not keep it from
/// starting.
const PATIENCE: Duration = Duration::from_secs(2);

/// What DynamoDB says of a table.
#[derive(Debug)]
enum Answer {
    /// It is there; or it can't be told, since the function may not ask.
    Fine,
    /// There is none of that name.
    NoSuchTable,
    /// The function may not do what it must.
    Denied(BoxError),
}

impl<P, Fx> Consumer<P, Fx> {
    /// The tables that the consumer can't do without.
    pub(crate) fn used_tables(&self) -> impl Iterator<Item = Table> {
        let event_store = (!self.announces.is_empty()).then_some(EVENT_STORE);
        [LEDGER].into_iter().chain(event_store).chain(self.tables.iter().copied())
    }

    /// Checks that every variable is set that names a table of the consumer.
    ///
    /// # Errors
    /// [`Error::TableNotSet`].
    pub(crate) fn check_variables(&self, environment: &Environment) -> Result<(), Error> {
        let is_missing = |table: &Table| environment.optional(table.variable()).is_none();
        match self.used_tables().find(is_missing) {
            Some(table) => {
                let (variable, consumer) = (table.variable(), self.name);
                Err(Error::TableNotSet { variable, consumer })
            }
            None => Ok(()),
        }
    }
}

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Asks DynamoDB whether the consumer's tables are there, as [`Consumer::run`] does before it takes any message.
    /// What DynamoDB does not say within 2 seconds, or not to this function, is not waited for.
    ///
    /// # Errors
    /// [`Error::NoSuchTable`] and [`Error::LedgerDenied`].
    pub async fn check(&self) -> Result<(), Error> {
        let until = Instant::now() + PATIENCE;
        let checks = self.consumer.used_tables().map(|table| self.check_table(table, until));
        join_all(checks).await.into_iter().collect()
    }

    async fn check_table(&self, table: Table, until: Instant) -> Result<(), Error> {
        let Ok(name) = self.committer.tables.name(table) else { return Ok(()) };
        let answer = match table {
            LEDGER => within(until, self.committer.ask_ledger()).await,
            _ => within(until, self.committer.ask_table(name)).await,
        };
        let (name, consumer) = (name.to_owned(), self.consumer.name);
        match answer {
            Some(Ok(Answer::Fine)) => Ok(()),
            Some(Ok(Answer::NoSuchTable)) => {
                Err(Error::NoSuchTable { variable: table.variable(), name, consumer })
            }
            Some(Ok(Answer::Denied(source))) => Err(Error::LedgerDenied { name, consumer, source }),
            Some(Err(error)) => {
                tracing::warn!(table = name, error = %ErrorChain(&*error), "not checked");
                Ok(())
            }
            None => {
                tracing::warn!(table = name, "not checked: DynamoDB did not answer");
                Ok(())
            }
        }
    }
}

impl Committer {
    /// Asks for a write of the ledger that can't take effect: its condition never holds.
    async fn ask_ledger(&self) -> Result<Answer, BoxError> {
        let never = self
            .client
            .update_item()
            .table_name(&self.ledger)
            .key("id", AttributeValue::S(format!("{}#", self.consumer)))
            .update_expression("REMOVE did")
            .condition_expression("attribute_exists(id) AND attribute_not_exists(id)");
        let Err(error) = never.send().await else { return Ok(Answer::Fine) };
        match error.code() {
            Some("ConditionalCheckFailedException") => Ok(Answer::Fine),
            Some("ResourceNotFoundException") => Ok(Answer::NoSuchTable),
            Some("AccessDeniedException") => Ok(Answer::Denied(error.into())),
            _ => Err(error.into()),
        }
    }

    /// Asks for an item under a key that no table has: one that is there says so.
    async fn ask_table(&self, name: &str) -> Result<Answer, BoxError> {
        let key = HashMap::from([("fanfare".to_owned(), AttributeValue::S("start".to_owned()))]);
        let keys = KeysAndAttributes::builder().keys(key).build()?;
        let request = self.client.batch_get_item().request_items(name, keys);
        let Err(error) = request.send().await else { return Ok(Answer::Fine) };
        match error.code() {
            Some("ResourceNotFoundException") => Ok(Answer::NoSuchTable),
            Some("ValidationException" | "AccessDeniedException") => Ok(Answer::Fine),
            _ => Err(error.into()),
        }
    }
}
