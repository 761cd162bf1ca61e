//! The stack's tables.

use crate::error::aws;
use crate::names::logical_id;
use crate::{Connection, OperateError};
use fanfare::ledger::Ledger;
use fanfare_event_store::EventStore;
use std::collections::HashMap;

/// What to do when a table is missing that every stack has.
const ELSEWHERE: &str = "; are --stack, --region and --endpoint right?";

/// The names of the stack's tables, by what they are called in the template.
pub(crate) struct Tables {
    names: HashMap<String, String>,
    client: aws_sdk_dynamodb::Client,
    stack: String,
}

impl Connection {
    pub(crate) async fn tables(&self) -> Result<Tables, OperateError> {
        let list = self.dynamodb.list_tables().into_paginator().items().send();
        let names = list.collect::<Result<Vec<String>, _>>().await;
        let names = names.map_err(aws("listing the tables"))?;
        let ours = names.into_iter().filter_map(|name| {
            let logical_id = logical_id(&name, &self.stack)?.to_owned();
            Some((logical_id, name))
        });
        Ok(Tables {
            names: ours.collect(),
            client: self.dynamodb.clone(),
            stack: self.stack.clone(),
        })
    }

    /// The name of a table on the service, by its name in the template.
    ///
    /// # Errors
    /// [`OperateError::Aws`]; [`OperateError::NoTable`].
    pub async fn table(&self, table: &'static str) -> Result<String, OperateError> {
        self.tables().await?.name(table, ELSEWHERE)
    }

    /// The event store.
    ///
    /// # Errors
    /// As [`table`](Self::table).
    pub async fn events(&self) -> Result<EventStore, OperateError> {
        self.tables().await?.events()
    }

    /// The ledger.
    ///
    /// # Errors
    /// As [`table`](Self::table).
    pub async fn ledger(&self) -> Result<Ledger, OperateError> {
        Ok(Ledger::new(self.dynamodb.clone(), self.table("LedgerTable").await?))
    }
}

impl Tables {
    /// The name of a table that must be there.
    pub(crate) fn name(
        &self,
        table: &'static str,
        remedy: &'static str,
    ) -> Result<String, OperateError> {
        self.names.get(table).cloned().ok_or_else(|| OperateError::NoTable {
            stack: self.stack.clone(),
            table,
            remedy,
        })
    }

    /// The ledger, if the stack has one.
    pub(crate) fn ledger(&self) -> Option<Ledger> {
        Some(Ledger::new(self.client.clone(), self.names.get("LedgerTable")?))
    }

    /// The event store.
    pub(crate) fn events(&self) -> Result<EventStore, OperateError> {
        Ok(EventStore::new(self.client.clone(), self.name("EventsTable", ELSEWHERE)?))
    }
}
