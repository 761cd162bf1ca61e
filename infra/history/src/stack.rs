//! A running stack.

use crate::error::{HistoryError, aws};
use crate::names::logical_id;
use event_store::EventStore;
use fanfare_operate::Connection;

/// A running stack, by its name.
#[derive(Debug, Clone)]
pub struct Stack {
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) name: String,
}

impl Stack {
    /// The stack that a connection leads to. Nothing is called yet.
    pub fn at(connection: &Connection) -> Self {
        let config = connection.config();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(config),
            sns: aws_sdk_sns::Client::new(config),
            sqs: aws_sdk_sqs::Client::new(config),
            name: connection.stack().to_owned(),
        }
    }

    /// The real name of a table, by its name in the template.
    ///
    /// # Errors
    /// [`HistoryError::NoTable`]; `Aws`.
    pub(crate) async fn table(&self, table: &'static str) -> Result<String, HistoryError> {
        let mut names = self.dynamodb.list_tables().into_paginator().items().send();
        while let Some(name) = names.next().await {
            let name = name.map_err(aws("listing the tables"))?;
            if logical_id(&name, &self.name) == Some(table) {
                return Ok(name);
            }
        }
        Err(HistoryError::NoTable { stack: self.name.clone(), table })
    }

    /// The event store.
    ///
    /// # Errors
    /// As [`table`](Self::table).
    pub(crate) async fn events(&self) -> Result<EventStore, HistoryError> {
        Ok(EventStore::new(self.dynamodb.clone(), self.table("EventsTable").await?))
    }
}
