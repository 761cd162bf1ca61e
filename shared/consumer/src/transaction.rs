//! From a unit of work to the items of one DynamoDB transaction.

use crate::ledger::{ID, OUTCOME, Record, TOKEN};
use crate::tables::Tables;
use crate::work::Emitted;
use crate::write::{Action, Only, Write};
use crate::{Failure, Key, Work};
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use event_schema::{Envelope, EventId, Timestamp};
use event_store::EventStore;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// What must hold of the ledger record for it to be replaced.
#[derive(Debug, Clone)]
pub(crate) enum Guard {
    /// The event was not applied, and no effect of it is under way.
    Unclaimed,
    /// The effect is under way and its lease is ours.
    Claimed(String),
}

/// Where the parts of the items come from.
pub(crate) struct Builder<'a> {
    pub(crate) ledger: &'a str,
    pub(crate) tables: &'a Tables,
    pub(crate) event_store: Option<&'a EventStore>,
    pub(crate) consumer: &'a str,
}

impl Builder<'_> {
    /// The items of a transaction: the ledger record, the writes in their order, the events in theirs.
    ///
    /// # Errors
    /// A permanent failure for work that can't be written, a retryable one for missing settings.
    pub(crate) fn items<Fx>(
        &self,
        record: &Record,
        guard: &Guard,
        work: &Work<Fx>,
        cause: &Envelope,
    ) -> Result<Vec<TransactWriteItem>, Failure> {
        let mut items = vec![TransactWriteItem::builder().put(self.record(record, guard)?).build()];
        for write in &work.writes {
            items.push(self.write(write)?);
        }
        for (envelope, store) in self.envelopes(&work.events, cause)? {
            let put = store.put(&envelope).map_err(unwritable)?;
            items.push(TransactWriteItem::builder().put(put).build());
        }
        Ok(items)
    }

    /// The write of a ledger record.
    pub(crate) fn record(&self, record: &Record, guard: &Guard) -> Result<Put, Failure> {
        let item = serde_dynamo::to_item(record).map_err(unwritable)?;
        let put = Put::builder().table_name(self.ledger).set_item(Some(item));
        let put = match guard {
            Guard::Unclaimed => put
                .condition_expression(
                    "attribute_not_exists(#id) OR (#outcome <> :done AND attribute_not_exists(#token))",
                )
                .expression_attribute_names("#id", ID)
                .expression_attribute_names("#outcome", OUTCOME)
                .expression_attribute_values(":done", AttributeValue::S("done".to_owned())),
            Guard::Claimed(token) => put
                .condition_expression("#token = :token")
                .expression_attribute_values(":token", AttributeValue::S(token.clone())),
        };
        put.expression_attribute_names("#token", TOKEN).build().map_err(unwritable)
    }

    fn write(&self, write: &Write) -> Result<TransactWriteItem, Failure> {
        let table = self.tables.name(write.table)?;
        let item = TransactWriteItem::builder();
        Ok(match &write.action {
            Action::Put { item: Ok(fields), only } => {
                let fields = serde_dynamo::to_item(fields).map_err(unwritable)?;
                item.put(put(table, &write.key, fields, only)?).build()
            }
            Action::Put { item: Err(error), .. } => return Err(unwritable(error.to_string())),
            Action::Count { add, at_least } => {
                item.update(count(table, &write.key, add, at_least)?).build()
            }
        })
    }

    /// The emitted events as envelopes. Their ids follow from the event that caused them, so that the
    /// same decision made again is the same event.
    fn envelopes(
        &self,
        events: &[Emitted],
        cause: &Envelope,
    ) -> Result<Vec<(Envelope, &EventStore)>, Failure> {
        let mut versions: HashMap<&str, u64> = HashMap::new();
        let mut envelopes = Vec::with_capacity(events.len());
        for (n, event) in events.iter().enumerate() {
            let store = self
                .event_store
                .ok_or_else(|| Failure::retry("environment variable EVENTS_TABLE is not set"))?;
            let payload = event.payload.as_ref().map_err(|e| unwritable(e.to_string()))?.clone();
            let version = versions.entry(&event.stream).or_default();
            *version += 1;
            let name = format!("{}#{}#{n}", self.consumer, cause.event_id);
            let envelope = Envelope {
                event_type: event.event_type.to_owned(),
                event_id: EventId::from_uuid(Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())),
                timestamp: Timestamp::now(),
                schema_version: event.schema_version,
                stream: Some(event.stream.clone()),
                version: Some(*version),
                correlation_id: Some(event.correlation_id.clone()),
                causation_id: Some(cause.event_id.clone()),
                traceparent: cause.traceparent.clone(),
                source: Some(self.consumer.to_owned()),
                payload,
            };
            envelopes.push((envelope, store));
        }
        Ok(envelopes)
    }
}

/// Work that DynamoDB can't take: no retry will help.
fn unwritable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::permanent("the handler's work can't be written").caused_by(cause)
}

/// A key as DynamoDB takes it.
pub(crate) fn key_item(key: &Key) -> HashMap<String, AttributeValue> {
    let text = |(name, value): (&str, &str)| (name.to_owned(), AttributeValue::S(value.to_owned()));
    key.attributes().map(text).collect()
}

fn put(
    table: &str,
    key: &Key,
    item: HashMap<String, AttributeValue>,
    only: &Only,
) -> Result<Put, Failure> {
    let some_key = key.attributes().next().map(|(name, _)| name).unwrap_or_default();
    let builder = Put::builder().table_name(table);
    let builder = match only {
        Only::Always => builder,
        Only::IfAbsent => builder
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", some_key),
        Only::IfNewer(attribute) => {
            let newer = item
                .get(*attribute)
                .cloned()
                .ok_or_else(|| unwritable(format!("the item of {key} has no {attribute}")))?;
            builder
                .condition_expression("attribute_not_exists(#key) OR #number < :newer")
                .expression_attribute_names("#key", some_key)
                .expression_attribute_names("#number", *attribute)
                .expression_attribute_values(":newer", newer)
        }
    };
    builder.set_item(Some(item)).build().map_err(unwritable)
}

fn count(
    table: &str,
    key: &Key,
    add: &BTreeMap<&'static str, i64>,
    at_least: &BTreeMap<&'static str, i64>,
) -> Result<Update, Failure> {
    let number = |n: &i64| AttributeValue::N(n.to_string());
    let mut update = Update::builder().table_name(table).set_key(Some(key_item(key)));
    let mut changes = Vec::with_capacity(add.len());
    for (n, (attribute, amount)) in add.iter().enumerate() {
        changes.push(format!("#a{n} :a{n}"));
        update = update
            .expression_attribute_names(format!("#a{n}"), *attribute)
            .expression_attribute_values(format!(":a{n}"), number(amount));
    }
    update = update.update_expression(format!("ADD {}", changes.join(", ")));
    let mut conditions = Vec::with_capacity(at_least.len());
    for (n, (attribute, floor)) in at_least.iter().enumerate() {
        conditions.push(format!("#f{n} >= :f{n}"));
        update = update
            .expression_attribute_names(format!("#f{n}"), *attribute)
            .expression_attribute_values(format!(":f{n}"), number(floor));
    }
    if !conditions.is_empty() {
        update = update.condition_expression(conditions.join(" AND "));
    }
    update.build().map_err(unwritable)
}
