//! Adding events to a generation that is being made.

use crate::RebuildError;
use crate::error::aws;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use event_schema::StoreEvent;
use fanfare::Key;
use fanfare_event::{Envelope, Event};
use fanfare_event_store::{FailedCondition, TransactionError};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use read_models::order_facts::Status;
use read_models::views::{
    GENERATION, Generation, OWNER, PK, PLACED_AT, REVISION, SK, Thing, counts_key, fold,
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Things whose items are written together, with the fence and the counts: well within the 100 items and 4 MB of a
/// transaction
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
const TOGETHER: usize = 40;
/// Items that are read at once.
const READS: usize = 16;
/// How often a transaction is tried that meets the live function, and the most that one of the pauses lasts.
const TRIES: u32 = 30;
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

type Item = HashMap<String, AttributeValue>;

/// Adds events to one generation.
pub(crate) struct Builder {
    client: Client,
    table: String,
    generation: Generation,
    /// What every transaction begins with: see [`Lease::fence`](crate::lease::Lease::fence).
    fence: TransactWriteItem,
    last_placed: Option<Item>,
}

/// A thing's item, as it was and as it will be.
struct Draft {
    thing: Thing,
    revision: u64,
    before: Option<Map<String, Value>>,
    after: Option<Map<String, Value>>,
}

impl Builder {
    pub(crate) fn new(
        client: Client,
        table: String,
        generation: Generation,
        fence: TransactWriteItem,
    ) -> Self {
        Self { client, table, generation, fence, last_placed: None }
    }

    /// The item of a placed order that was written since this was asked last, if one was.
    pub(crate) fn sample(&mut self) -> Option<Item> {
        self.last_placed.take()
    }

    /// Adds events, whatever of them is known already.
    ///
    /// # Errors
    /// [`RebuildError::Event`] when one can't be read; [`RebuildError::TakenOver`] when another rebuild has the lease,
    /// and nothing is written then; `Aws`.
    pub(crate) async fn add(&mut self, events: &[Envelope]) -> Result<(), RebuildError> {
        let mut by_thing: BTreeMap<Thing, Vec<Event<StoreEvent>>> = BTreeMap::new();
        for envelope in events {
            let event = Event::from_envelope(envelope).map_err(|e| RebuildError::Event {
                event: envelope.event_id.to_string(),
                source: e.into(),
            })?;
            by_thing.entry(Thing::of(&event.payload)).or_default().push(event);
        }
        let things: Vec<_> = by_thing.into_iter().collect();
        for things in things.chunks(TOGETHER) {
            self.add_together(things).await?;
        }
        Ok(())
    }

    /// Adds the events of some things in one transaction, anew from what is there whenever the live function was
    /// faster.
    async fn add_together(
        &mut self,
        things: &[(Thing, Vec<Event<StoreEvent>>)],
    ) -> Result<(), RebuildError> {
        let mut last = None;
        for attempt in 0..TRIES {
            let drafts: Vec<Draft> = stream::iter(things)
                .map(|(thing, _)| self.read(thing))
                .buffered(READS)
                .try_collect()
                .await?;
            let items = self.transaction(drafts, things)?;
            if items.is_empty() {
                return Ok(());
            }
            let items = [self.fence.clone()].into_iter().chain(items).collect();
            let request = self.client.transact_write_items().set_transact_items(Some(items));
            let Err(error) = request.send().await else { return Ok(()) };
            match TransactionError::of(error) {
                TransactionError::ConditionsFailed(failed) if failed.iter().any(is_fence) => {
                    return Err(RebuildError::TakenOver);
                }
                error @ TransactionError::Invalid(_) => {
                    return Err(aws("writing the views")(error));
                }
                // What may have been committed is there when it is read again.
                error @ (TransactionError::ConditionsFailed(_)
                | TransactionError::Conflict
                | TransactionError::Throttled
                | TransactionError::Unavailable(_)) => last = Some(error),
            }
            let pause = Duration::from_millis(5) * (1 << attempt.min(10));
            tokio::time::sleep(pause.min(LONGEST_PAUSE)).await;
        }
        Err(match last {
            Some(error @ TransactionError::Unavailable(_)) => aws("writing the views")(error),
            _ => aws("writing the views")("the items kept changing"),
        })
    }

    async fn read(&self, thing: &Thing) -> Result<Draft, RebuildError> {
        let read = self.client.get_item().table_name(&self.table).consistent_read(true);
        let read = read.set_key(Some(key(&thing.key(self.generation))));
        let item = read.send().await.map_err(aws("reading the views"))?.item;
        let revision = item.as_ref().and_then(|item| item.get(REVISION)?.as_n().ok()?.parse().ok());
        let before = item.map(serde_dynamo::from_item).transpose();
        let before: Option<Map<String, Value>> =
            before.map_err(|e| RebuildError::Views(e.into()))?;
        let of = before.as_ref().and_then(|item| item.get(GENERATION)?.as_u64());
        if of.is_some_and(|of| of > self.generation.0) {
            // Nobody but a successor begins a newer one.
            return Err(RebuildError::TakenOver);
        }
        Ok(Draft { thing: thing.clone(), revision: revision.unwrap_or(0), before, after: None })
    }

    fn transaction(
        &mut self,
        drafts: Vec<Draft>,
        things: &[(Thing, Vec<Event<StoreEvent>>)],
    ) -> Result<Vec<TransactWriteItem>, RebuildError> {
        let mut counts: BTreeMap<Status, i64> = BTreeMap::new();
        let mut items = Vec::with_capacity(drafts.len() + 1);
        for (mut draft, (_, events)) in drafts.into_iter().zip(things) {
            for event in events {
                let so_far = draft.after.as_ref().or(draft.before.as_ref());
                let change = fold(so_far, self.generation, event)
                    .map_err(|e| RebuildError::Views(e.into()))?;
                draft.after = change.item.or(draft.after);
                for (status, by) in change.counts {
                    *counts.entry(status).or_default() += by;
                }
            }
            if let Some(after) = draft.after {
                items.push(self.put(&draft.thing, draft.revision, &after)?);
            }
        }
        counts.retain(|_, by| *by != 0);
        if !counts.is_empty() {
            items.push(self.count(&counts)?);
        }
        Ok(items)
    }

    /// The put of an item, as [`fanfare::Memory`] does it: while nobody else has written it.
    fn put(
        &mut self,
        thing: &Thing,
        seen: u64,
        item: &Map<String, Value>,
    ) -> Result<TransactWriteItem, RebuildError> {
        let malformed = |e: serde_dynamo::Error| RebuildError::Views(e.into());
        let mut item: Item = serde_dynamo::to_item(item).map_err(malformed)?;
        let number = |n: u64| AttributeValue::N(n.to_string());
        item.extend(key(&thing.key(self.generation)));
        item.insert(REVISION.to_owned(), number(seen + 1));
        if item.contains_key(OWNER) && item.contains_key(PLACED_AT) {
            self.last_placed = Some(item.clone());
        }
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let put = put.expression_attribute_names("#revision", REVISION);
        let put = match seen {
            0 => put.condition_expression("attribute_not_exists(#revision)"),
            _ => put
                .condition_expression("#revision = :seen")
                .expression_attribute_values(":seen", number(seen)),
        };
        let put = put.build().map_err(aws("writing the views"))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn count(&self, counts: &BTreeMap<Status, i64>) -> Result<TransactWriteItem, RebuildError> {
        let changes: Vec<_> = (0..counts.len()).map(|n| format!("#{n} :{n}")).collect();
        let mut update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(&counts_key(self.generation))))
            .update_expression(format!("ADD {}", changes.join(", ")));
        for (n, (status, by)) in counts.iter().enumerate() {
            update = update
                .expression_attribute_names(format!("#{n}"), status.as_str())
                .expression_attribute_values(format!(":{n}"), AttributeValue::N(by.to_string()));
        }
        let update = update.build().map_err(aws("writing the views"))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// A key of the views' table as DynamoDB takes it.
fn key(key: &Key) -> Item {
    let part = |name: &str| AttributeValue::S(key.get(name).unwrap_or_default().to_owned());
    HashMap::from([(PK.to_owned(), part(PK)), (SK.to_owned(), part(SK))])
}

/// Whether a condition is the fence's, which is the first item of every transaction.
fn is_fence(failed: &FailedCondition) -> bool {
    failed.place == 0
}
