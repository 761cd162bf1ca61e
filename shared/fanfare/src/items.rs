//! From writes, events and ledger records to the items of DynamoDB transactions.

use crate::counting::Counting;
use crate::guard::Guard;
use crate::ledger::{
    BEGUN, CLAIMS, ERROR, FIRST_SEEN_AT, ID, Outcome, PastEffect, PastFailure, Record, TOKEN, TRIES,
};
use crate::memory::{Counted, RESERVED, REVISION};
use crate::tables::Tables;
use crate::work::Announced;
use crate::write::Only;
use crate::{Failure, Key};
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use fanfare_event::{Envelope, EventId, Timestamp};
use fanfare_event_store::EventStore;
use serde_json::{Map, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// Where the parts of the items come from.
pub(crate) struct Builder<'a> {
    pub(crate) ledger: &'a str,
    pub(crate) tables: &'a Tables,
    pub(crate) event_store: Option<&'a EventStore>,
    pub(crate) consumer: &'a str,
    pub(crate) now: Timestamp,
}

impl Builder<'_> {
    /// The write of a ledger record. What the record does not say is kept, but for the marks of an attempt
    /// that is over; a failure is added to those before it, and a count to what was counted before.
    pub(crate) fn record(&self, record: &Record, guard: &Guard) -> Result<Update, Failure> {
        let attributes: HashMap<String, AttributeValue> =
            serde_dynamo::to_item(record).map_err(unwritable)?;
        let mut attributes: Vec<_> = attributes.into_iter().collect();
        attributes.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let (condition, more_values) = guard.condition(self.now);
        let mut set = Vec::with_capacity(attributes.len() + 1);
        let mut values = HashMap::with_capacity(attributes.len() + more_values.len() + 2);
        for (name, value) in attributes {
            match name.as_str() {
                ID => continue,
                FIRST_SEEN_AT => set.push(format!("{name} = if_not_exists({name}, :{name})")),
                TRIES | BEGUN | CLAIMS => {
                    set.push(format!("{name} = if_not_exists({name}, :zero) + :{name}"));
                    values.insert(":zero".to_owned(), AttributeValue::N("0".to_owned()));
                }
                _ => set.push(format!("{} = :{name}", in_expressions(&name))),
            }
            values.insert(format!(":{name}"), value);
        }
        let counts: &[&str] = match record.outcome {
            Outcome::Claimed => &[],
            Outcome::Done | Outcome::Failed => &[BEGUN, CLAIMS],
            Outcome::DeadLettered => &[TRIES, BEGUN, CLAIMS],
        };
        let over = ["did", ERROR, TOKEN, "leaseUntil"].iter().chain(counts).copied();
        let over = over.filter(|name| !values.contains_key(&format!(":{name}")));
        let over: Vec<_> = over.map(in_expressions).collect();
        if let Some(error) = &record.error {
            set.push("failures = list_append(if_not_exists(failures, :none), :failure)".to_owned());
            let failure = PastFailure {
                at: record.finished_at,
                attempt: record.attempts,
                error: error.clone(),
            };
            let failure = serde_dynamo::to_attribute_value(failure).map_err(unwritable)?;
            values.insert(":none".to_owned(), AttributeValue::L(Vec::new()));
            values.insert(":failure".to_owned(), AttributeValue::L(vec![failure]));
        }
        values.extend(more_values.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let mut expression = format!("SET {}", set.join(", "));
        if !over.is_empty() {
            expression += &format!(" REMOVE {}", over.join(", "));
        }
        Update::builder()
            .table_name(self.ledger)
            .key(ID, AttributeValue::S(record.id.clone()))
            .update_expression(expression)
            .condition_expression(condition)
            .expression_attribute_names(in_expressions(ERROR), ERROR)
            .expression_attribute_names(in_expressions(TOKEN), TOKEN)
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(unwritable)
    }

    /// The write that keeps an effect's result, while its claim is ours.
    pub(crate) fn keep(
        &self,
        ledger_id: &str,
        token: &str,
        effect: &PastEffect,
    ) -> Result<Update, Failure> {
        Update::builder()
            .table_name(self.ledger)
            .key(ID, AttributeValue::S(ledger_id.to_owned()))
            .update_expression("SET effect = :effect")
            .condition_expression("#token = :ours")
            .expression_attribute_names(in_expressions(TOKEN), TOKEN)
            .expression_attribute_values(":ours", AttributeValue::S(token.to_owned()))
            .expression_attribute_values(
                ":effect",
                serde_dynamo::to_attribute_value(effect).map_err(unwritable)?,
            )
            .build()
            .map_err(unwritable)
    }

    /// The write that an attempt has begun of which nothing may be heard again.
    pub(crate) fn begun(&self, record: &Record) -> Result<Update, Failure> {
        let value = |value| serde_dynamo::to_attribute_value(value).map_err(unwritable);
        Update::builder()
            .table_name(self.ledger)
            .key(ID, AttributeValue::S(record.id.clone()))
            .update_expression(
                "SET begun = if_not_exists(begun, :zero) + :one, outcome = if_not_exists(outcome, :failed), \
                 attempts = :attempts, firstSeenAt = if_not_exists(firstSeenAt, :firstSeenAt), \
                 finishedAt = if_not_exists(finishedAt, :finishedAt), \
                 durationMicros = if_not_exists(durationMicros, :zero), expiresAt = :expiresAt",
            )
            .condition_expression("attribute_not_exists(id) OR outcome <> :isDone")
            .expression_attribute_values(":zero", AttributeValue::N("0".to_owned()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":isDone", AttributeValue::S("done".to_owned()))
            .expression_attribute_values(":failed", AttributeValue::S("failed".to_owned()))
            .expression_attribute_values(
                ":attempts",
                AttributeValue::N(record.attempts.to_string()),
            )
            .expression_attribute_values(":firstSeenAt", value(record.first_seen_at)?)
            .expression_attribute_values(":finishedAt", value(record.finished_at)?)
            .expression_attribute_values(
                ":expiresAt",
                AttributeValue::N(record.expires_at.to_string()),
            )
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(unwritable)
    }

    /// A write that can't take effect, since its condition never holds: its refusal tells what the ledger has. A consumer may
    /// write its own records, and needs no permission to read them.
    pub(crate) fn look(&self, ledger_id: &str) -> Result<Update, Failure> {
        Update::builder()
            .table_name(self.ledger)
            .key(ID, AttributeValue::S(ledger_id.to_owned()))
            .update_expression("REMOVE begun")
            .condition_expression("attribute_exists(id) AND attribute_not_exists(id)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(unwritable)
    }

    /// The write that an attempt has ended which was marked as begun, and that this is all there is to say of it.
    pub(crate) fn ended(&self, ledger_id: &str) -> Result<Update, Failure> {
        Update::builder()
            .table_name(self.ledger)
            .key(ID, AttributeValue::S(ledger_id.to_owned()))
            .update_expression("REMOVE begun")
            .condition_expression("attribute_exists(begun)")
            .build()
            .map_err(unwritable)
    }

    /// The write that the failure just written was the last one of its message.
    pub(crate) fn given_up(&self, ledger_id: &str) -> Result<Update, Failure> {
        let outcome = |outcome: &str| AttributeValue::S(outcome.to_owned());
        Update::builder()
            .table_name(self.ledger)
            .key(ID, AttributeValue::S(ledger_id.to_owned()))
            .update_expression("SET outcome = :dead REMOVE tries, begun, claims")
            .condition_expression("outcome = :failed")
            .expression_attribute_values(":dead", outcome("dead-lettered"))
            .expression_attribute_values(":failed", outcome("failed"))
            .build()
            .map_err(unwritable)
    }

    /// The write that leaves these of so many failures.
    pub(crate) fn shorten(
        &self,
        ledger_id: &str,
        kept: &[&PastFailure],
        of: usize,
    ) -> Result<Update, Failure> {
        let kept = serde_dynamo::to_attribute_value(kept).map_err(unwritable)?;
        Update::builder()
            .table_name(self.ledger)
            .key(ID, AttributeValue::S(ledger_id.to_owned()))
            .update_expression("SET failures = :kept")
            .condition_expression("size(failures) = :of")
            .expression_attribute_values(":kept", kept)
            .expression_attribute_values(":of", AttributeValue::N(of.to_string()))
            .build()
            .map_err(unwritable)
    }

    /// The put of an item.
    pub(crate) fn put(
        &self,
        table: &str,
        key: &Key,
        item: &Map<String, Value>,
        only: &Only,
    ) -> Result<TransactWriteItem, Failure> {
        let item: HashMap<String, AttributeValue> =
            serde_dynamo::to_item(item).map_err(unwritable)?;
        let some_key = key.some_attribute();
        let builder = Put::builder().table_name(table);
        let builder = match only {
            Only::Always => builder,
            Only::IfAbsent => builder
                .condition_expression("attribute_not_exists(#key)")
                .expression_attribute_names("#key", some_key),
            Only::IfNewer(attribute) => {
                let newer = item.get(*attribute).cloned();
                let newer = newer
                    .ok_or_else(|| unwritable(format!("the item of {key} has no {attribute}")))?;
                builder
                    .condition_expression("attribute_not_exists(#key) OR #number < :newer")
                    .expression_attribute_names("#key", some_key)
                    .expression_attribute_names("#number", *attribute)
                    .expression_attribute_values(":newer", newer)
            }
        };
        let put = builder.set_item(Some(item)).build().map_err(unwritable)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The put of what is remembered, while it is as it was seen; `counted` is what it counts from now on.
    pub(crate) fn remember(
        &self,
        table: &str,
        key: &Key,
        state: &Map<String, Value>,
        seen: u64,
        counted: Counted,
    ) -> Result<TransactWriteItem, Failure> {
        if let Some(taken) = RESERVED.iter().find(|name| state.contains_key(**name)) {
            return Err(unwritable(format!(
                "what is remembered of {key} has a field {taken}, which the runtime uses: rename it"
            )));
        }
        let number = |n: u64| AttributeValue::N(n.to_string());
        let mut item: HashMap<String, AttributeValue> =
            serde_dynamo::to_item(state).map_err(unwritable)?;
        item.insert(REVISION.to_owned(), number(seen + 1));
        let counted: HashMap<String, AttributeValue> =
            serde_dynamo::to_item(counted).map_err(unwritable)?;
        item.extend(counted);
        let builder = Put::builder().table_name(table).set_item(Some(item));
        let builder = match seen {
            0 => builder
                .condition_expression("attribute_not_exists(#revision)")
                .expression_attribute_names("#revision", REVISION),
            _ => builder
                .condition_expression("#revision = :seen")
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":seen", number(seen)),
        };
        let put = builder.build().map_err(unwritable)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The change of an item's counters.
    pub(crate) fn count(
        &self,
        table: &str,
        key: &Key,
        counting: &Counting,
    ) -> Result<TransactWriteItem, Failure> {
        let number = |n: &i64| AttributeValue::N(n.to_string());
        let mut update = Update::builder()
            .table_name(table)
            .set_key(Some(key_item(key)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut changes = Vec::with_capacity(counting.add.len());
        for (n, (attribute, amount)) in counting.add.iter().enumerate() {
            changes.push(format!("#a{n} :a{n}"));
            update = update
                .expression_attribute_names(format!("#a{n}"), *attribute)
                .expression_attribute_values(format!(":a{n}"), number(amount));
        }
        update = update.update_expression(format!("ADD {}", changes.join(", ")));
        if changes.is_empty() {
            return Err(unwritable(format!("the count of {key} adds nothing")));
        }
        let mut conditions = Vec::with_capacity(counting.at_least.len());
        for (n, (attribute, floor)) in counting.at_least.iter().enumerate() {
            conditions.push(format!("#f{n} >= :f{n}"));
            update = update
                .expression_attribute_names(format!("#f{n}"), *attribute)
                .expression_attribute_values(format!(":f{n}"), number(floor));
        }
        if !conditions.is_empty() {
            update = update.condition_expression(conditions.join(" AND "));
        }
        Ok(TransactWriteItem::builder().update(update.build().map_err(unwritable)?).build())
    }

    /// The append of an announced event. Its id follows from the event that caused it and its place among
    /// the announced, so that the same decision made again is the same event.
    pub(crate) fn append(
        &self,
        event: &Announced,
        place: usize,
        version: u64,
        cause: &Envelope,
        traceparent: Option<String>,
    ) -> Result<TransactWriteItem, Failure> {
        let store = self.event_store.ok_or_else(no_event_store)?;
        let name = format!("{}#{}#{place}", self.consumer, cause.event_id);
        let envelope = Envelope {
            event_type: event.event_type.to_owned(),
            event_id: EventId::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())),
            timestamp: self.now,
            schema_version: event.schema_version,
            stream: Some(event.stream.clone()),
            version: Some(version),
            correlation_id: Some(event.correlation_id.clone()),
            causation_id: Some(cause.event_id.clone()),
            traceparent,
            tenant: event.tenant.clone().or_else(|| cause.tenant.clone()),
            source: Some(self.consumer.to_owned()),
            payload: event.payload.as_ref().map_err(|e| unwritable(e.to_string()))?.clone(),
        };
        let put = store.put(&envelope).map_err(unwritable)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

/// What an attribute of the ledger goes by in expressions: itself, unless DynamoDB has reserved that word
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html>). Fewer names make a request
/// shorter, and there is a record for every message.
fn in_expressions(attribute: &str) -> &str {
    match attribute {
        ERROR => "#error",
        TOKEN => "#token",
        other => other,
    }
}

/// Why nothing can be announced. It is worth a retry: mending the function's environment mends it.
pub(crate) fn no_event_store() -> Failure {
    Failure::retry("environment variable EVENTS_TABLE is not set: put the event store's name there")
}

/// Work that DynamoDB can't take: no retry will help.
pub(crate) fn unwritable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::permanent("the handler's work can't be written").caused_by(cause)
}

/// A key as DynamoDB takes it.
pub(crate) fn key_item(key: &Key) -> HashMap<String, AttributeValue> {
    key.item().collect()
}
