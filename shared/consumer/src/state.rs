//! What a handler may know: items that it asked for, read before it is called.

use crate::commit::DYNAMODB;
use crate::tables::Tables;
use crate::transaction::key_item;
use crate::{Failure, Key, Table, ledger};
use aws_sdk_dynamodb::Client;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The items that a consumer asked to be read, as they were when the record was handled.
#[derive(Debug, Clone, Default)]
pub struct State(Arc<BTreeMap<(Table, Key), Value>>);

impl State {
    /// The item of a table and key, if there is one and it was asked for.
    ///
    /// # Errors
    /// When the item is not a `T`, naming the field.
    pub fn item<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &Key,
    ) -> Result<Option<T>, serde_json::Error> {
        self.0.get(&(table, key.clone())).cloned().map(serde_json::from_value).transpose()
    }
}

impl FromIterator<((Table, Key), Value)> for State {
    fn from_iter<I: IntoIterator<Item = ((Table, Key), Value)>>(items: I) -> Self {
        Self(Arc::new(items.into_iter().collect()))
    }
}

/// Reads the items that handlers asked for, each once.
///
/// # Errors
/// A retryable failure when a table is unknown or DynamoDB does not answer.
pub(crate) async fn read(
    client: &Client,
    tables: &Tables,
    mut wanted: Vec<(Table, Key)>,
) -> Result<State, Failure> {
    wanted.sort();
    wanted.dedup();
    let mut keys = Vec::with_capacity(wanted.len());
    for (table, key) in &wanted {
        keys.push((tables.name(*table)?.to_owned(), key_item(key)));
    }
    let found = ledger::batch_get(client, keys.iter().cloned()).await.map_err(|e| {
        Failure::unavailable(DYNAMODB, "the consumer's state could not be read").caused_by(e)
    })?;
    let mut items = Vec::with_capacity(found.len());
    for (real_table, item) in found {
        let is_of =
            |key: &HashMap<_, _>| key.iter().all(|(name, value)| item.get(name) == Some(value));
        let asked = keys.iter().position(|(table, key)| *table == real_table && is_of(key));
        let Some(wanted) = asked.and_then(|n| wanted.get(n)) else { continue };
        let value = serde_dynamo::from_item(item).map_err(|e| {
            Failure::permanent(format!("the item of {} is unreadable", wanted.1)).caused_by(e)
        })?;
        items.push((wanted.clone(), value));
    }
    Ok(items.into_iter().collect())
}
