//! The stack's tables.

use crate::error::aws;
use crate::names::Names;
use crate::{Connection, OperateError};
use fanfare::ledger::Ledger;
use fanfare_event_store::EventStore;
use fanfare_template::roles::{MissingRole, Role};

impl Connection {
    /// The name of a table on the service, by its name in the template.
    ///
    /// # Errors
    /// As [`description`](Self::description); [`OperateError::Aws`]; [`OperateError::NotDeployed`].
    pub async fn table(&self, logical_id: &str) -> Result<String, OperateError> {
        let description = self.description().await?;
        if let Some(name) = description.resource(logical_id).and_then(|table| table.name.clone()) {
            return Ok(name);
        }
        let list = self.dynamodb.list_tables().into_paginator().items().send();
        let names = list.collect::<Result<Vec<String>, _>>().await;
        let names = names.map_err(aws("listing the tables"))?;
        let of = Names::of(description);
        names.into_iter().find(|name| of.logical_id(name) == Some(logical_id)).ok_or_else(|| {
            OperateError::NotDeployed { stack: self.stack.clone(), resource: logical_id.to_owned() }
        })
    }

    /// The table that has a role.
    async fn table_of(&self, role: Role) -> Result<String, OperateError> {
        let logical_id = self.description().await?.require(role)?;
        self.table(logical_id).await
    }

    /// The event store.
    ///
    /// # Errors
    /// As [`table`](Self::table); [`OperateError::NoRole`] when no table is it.
    pub async fn event_store(&self) -> Result<EventStore, OperateError> {
        Ok(EventStore::new(self.dynamodb.clone(), self.table_of(Role::EventStore).await?))
    }

    /// The ledger.
    ///
    /// # Errors
    /// As [`event_store`](Self::event_store).
    pub async fn ledger(&self) -> Result<Ledger, OperateError> {
        Ok(Ledger::new(self.dynamodb.clone(), self.table_of(Role::Ledger).await?))
    }

    /// The ledger; `None` when the template has none.
    ///
    /// # Errors
    /// As [`table`](Self::table).
    pub async fn ledger_if_any(&self) -> Result<Option<Ledger>, OperateError> {
        match self.description().await?.roles.ledger {
            Some(_) => self.ledger().await.map(Some),
            None => Ok(None),
        }
    }

    /// That nothing has a role.
    pub(crate) async fn missing(&self, role: Role) -> Result<MissingRole, OperateError> {
        Ok(MissingRole { template: self.description().await?.template.clone(), role })
    }

    /// The name of the audit table; `None` when the template has none.
    pub(crate) async fn audit_table(&self) -> Result<Option<String>, OperateError> {
        match &self.description().await?.roles.audit {
            Some(logical_id) => self.table(logical_id).await.map(Some),
            None => Ok(None),
        }
    }
}
