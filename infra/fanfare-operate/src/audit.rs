//! The audit table: who did what to which dead letters, when, why, and how it ended; and who read or repeated what else.
//!
//! An action's record is written before the action and once more when it has ended, so that one that broke off
//! shows: its outcome stays `started`. Nothing else is ever written in the place of something: each write holds only while
//! there is nothing, or a record without its end. Beside the record lie pages, each written before the messages that it
//! lists are touched, and the originals of edited dead letters, in parts that fit into an item.

use crate::act::Plan;
use crate::batches::PARALLEL;
use crate::error::aws;
use crate::{
    AuditDetail, AuditRecord, AuditedMessage, Connection, DeadLetter, OperateError, Original,
    Outcome,
};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure as OnFailure};
use fanfare_template::roles::Role;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::HashMap;

/// Bytes of an original in one item, which may have 400 KB
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>).
const PART: usize = 200 * 1024;

#[derive(Serialize, Deserialize)]
struct Page {
    id: String,
    messages: Vec<AuditedMessage>,
}

#[derive(Serialize, Deserialize)]
struct Part {
    id: String,
    body: String,
}

/// Where an action is recorded.
pub(crate) enum AuditLog {
    /// In the audit table.
    Kept(AuditItems),
    /// Nowhere: there is no audit table, and the operator said that this is all right.
    Waived,
}

/// The audit table.
pub(crate) struct AuditItems {
    client: Client,
    table: String,
}

impl Connection {
    /// Where to record an action that is about to begin. One that edits needs the table: the originals are kept there.
    pub(crate) async fn audit_log_for(&self, plan: &Plan<'_>) -> Result<AuditLog, OperateError> {
        match self.audit_table_if_any().await? {
            Some(table) => Ok(AuditLog::Kept(table)),
            None if plan.editor.is_some() => Err(self.missing(Role::Audit).await?.into()),
            None if plan.unrecorded => Ok(AuditLog::Waived),
            None => {
                let template = self.description().await?.template.clone();
                Err(OperateError::NoAuditTable { template })
            }
        }
    }

    pub(crate) async fn audit_table_if_any(&self) -> Result<Option<AuditItems>, OperateError> {
        let table = self.audit_table().await?;
        Ok(table.map(|table| AuditItems { client: self.dynamodb.clone(), table }))
    }

    /// The audit table, which must be there to be looked into.
    async fn audit_records(&self) -> Result<AuditItems, OperateError> {
        match self.audit_table_if_any().await? {
            Some(table) => Ok(table),
            None => Err(self.missing(Role::Audit).await?.into()),
        }
    }

    /// The last actions, newest first.
    ///
    /// # Errors
    /// [`OperateError`].
    pub async fn audit(&self, most: usize) -> Result<Vec<AuditRecord>, OperateError> {
        self.audit_records().await?.list(most).await
    }

    /// All that is known of one action.
    ///
    /// # Errors
    /// [`OperateError::NoAudit`] when there is none of this id, and others.
    pub async fn audit_detail(&self, id: &str) -> Result<AuditDetail, OperateError> {
        self.audit_records().await?.detail(id).await
    }
}

impl AuditLog {
    /// Whether there is a record.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self, Self::Kept(_))
    }

    /// Writes the record of what is about to begin.
    pub(crate) async fn begin(&self, record: &AuditRecord) -> Result<(), OperateError> {
        match self {
            Self::Kept(table) => table.add(record).await,
            Self::Waived => Ok(()),
        }
    }

    /// Writes the record of what has ended, in the place of how it began.
    pub(crate) async fn end(&self, record: &AuditRecord) -> Result<(), OperateError> {
        match self {
            Self::Kept(table) => table.end(record).await,
            Self::Waived => Ok(()),
        }
    }

    /// Lists messages that are to be touched next.
    pub(crate) async fn page(
        &self,
        id: &str,
        page: u32,
        messages: Vec<AuditedMessage>,
    ) -> Result<(), OperateError> {
        match self {
            Self::Kept(table) => table.add(&Page { id: page_id(id, page), messages }).await,
            Self::Waived => Ok(()),
        }
    }

    /// Keeps the body of a dead letter that was edited. Gives the number of its parts.
    pub(crate) async fn keep(&self, id: &str, letter: &DeadLetter) -> Result<usize, OperateError> {
        let Self::Kept(table) = self else { return Ok(0) };
        let parts = parts(&letter.body);
        for (n, part) in parts.iter().enumerate() {
            let id = part_id(id, &letter.message_id, n);
            table.add(&Part { id, body: (*part).to_owned() }).await?;
        }
        Ok(parts.len())
    }
}

impl AuditItems {
    /// Writes an item where there is none.
    pub(crate) async fn add(&self, item: &impl Serialize) -> Result<(), OperateError> {
        let put = self.client.put_item().condition_expression("attribute_not_exists(id)");
        self.put(put, item).await
    }

    /// Writes how something ended, if its record says that it began, and not yet how it ended.
    pub(crate) async fn end(&self, record: &AuditRecord) -> Result<(), OperateError> {
        let put = self.client.put_item().condition_expression("outcome = :started");
        let started = serde_dynamo::to_attribute_value(Outcome::Started);
        let started = started.map_err(OperateError::Malformed)?;
        self.put(put.expression_attribute_values(":started", started), record).await
    }

    async fn put(
        &self,
        put: PutItemFluentBuilder,
        item: &impl Serialize,
    ) -> Result<(), OperateError> {
        let item: HashMap<_, _> = serde_dynamo::to_item(item).map_err(OperateError::Malformed)?;
        let put = put.table_name(&self.table).set_item(Some(item.clone()));
        let put = put.return_values_on_condition_check_failure(OnFailure::AllOld);
        let Err(error) = put.send().await else { return Ok(()) };
        let there = error.as_service_error().and_then(|error| match error {
            PutItemError::ConditionalCheckFailedException(refused) => refused.item(),
            _ => None,
        });
        match there {
            // A write whose answer was lost, and which the SDK repeated.
            Some(there) if *there == item => Ok(()),
            _ => Err(aws("writing to the audit table")(error)),
        }
    }

    async fn get<T: DeserializeOwned>(&self, id: &str) -> Result<Option<T>, OperateError> {
        let get = self.client.get_item().table_name(&self.table).consistent_read(true);
        let get = get.key("id", AttributeValue::S(id.to_owned()));
        let item = get.send().await.map_err(aws("reading the audit table"))?.item;
        item.map(serde_dynamo::from_item).transpose().map_err(OperateError::Malformed)
    }

    async fn list(&self, most: usize) -> Result<Vec<AuditRecord>, OperateError> {
        let scan = self.client.scan().table_name(&self.table).consistent_read(true);
        let scan = scan.filter_expression("attribute_exists(#action)");
        let scan = scan.expression_attribute_names("#action", "action");
        let items = scan.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let items = items.map_err(aws("reading the audit table"))?;
        let mut records: Vec<AuditRecord> =
            serde_dynamo::from_items(items).map_err(OperateError::Malformed)?;
        records.sort_by(|one, other| other.id.cmp(&one.id));
        records.truncate(most);
        Ok(records)
    }

    async fn detail(&self, id: &str) -> Result<AuditDetail, OperateError> {
        let record: Option<AuditRecord> = self.get(id).await?;
        let record = record.ok_or_else(|| OperateError::NoAudit(id.to_owned()))?;
        let mut messages = Vec::new();
        let (mut page, mut missing) = (0, 0);
        // Pages are written several at once, so that an action that broke off may have left gaps.
        while missing < PARALLEL {
            match self.get::<Page>(&page_id(id, page)).await? {
                Some(page) => (missing, messages) = (0, [messages, page.messages].concat()),
                None => missing += 1,
            }
            page += 1;
        }
        let mut originals = Vec::new();
        for message in &messages {
            let Some(parts) = message.original_parts else { continue };
            let mut body = String::new();
            for n in 0..parts {
                let part: Option<Part> = self.get(&part_id(id, &message.message_id, n)).await?;
                body.push_str(&part.map(|part| part.body).unwrap_or_default());
            }
            originals.push(Original { message_id: message.message_id.clone(), body });
        }
        Ok(AuditDetail { record, messages, originals })
    }
}

fn page_id(id: &str, page: u32) -> String {
    format!("{id}#page#{page}")
}

fn part_id(id: &str, message_id: &str, part: usize) -> String {
    format!("{id}#original#{message_id}#{part}")
}

/// A text in parts that fit into an item each. DynamoDB takes no empty one that would mean anything, so an
/// empty text has none.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (part, after) = rest.split_at(rest.floor_char_boundary(PART));
        parts.push(part);
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_original_is_kept_in_parts_that_make_it_up_again() {
        // No part may end within a character.
        let text = format!("x{}", "ä".repeat(PART));
        let parts = parts(&text);
        assert!(parts.len() == 3 && parts.iter().all(|part| part.len() <= PART));
        assert_eq!(parts.concat(), text);
    }
}
