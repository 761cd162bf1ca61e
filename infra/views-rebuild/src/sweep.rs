//! Clearing what is not of the generation that is shown.

use crate::RebuildError;
use crate::error::aws;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use read_models::views::{CONTROL, GENERATION, Generation, PK, REVISION, SK, counts_key};
use std::collections::HashMap;

/// Items on one page.
const PAGE: i32 = 100;
/// Items that are cleared at once.
const WRITES: usize = 8;
/// The last generation that an item is believed to be of: nobody lives to see a greater one.
const LAST: u64 = u32::MAX as u64;

type Item = HashMap<String, AttributeValue>;

/// Clears the views' table.
pub(crate) struct Sweep {
    pub(crate) client: Client,
    pub(crate) table: String,
}

/// The generations as the rebuild that clears knows them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// The one that is shown.
    pub(crate) active: Generation,
    /// The newest. What is of a newer one is not this rebuild's to clear: another has taken over.
    pub(crate) newest: Generation,
}

/// A page that was cleared.
#[derive(Debug, Default)]
pub(crate) struct Swept {
    /// The items that it had.
    pub(crate) items: u64,
    /// The newest generation among them.
    pub(crate) newest: Option<Generation>,
    /// Where the next page begins.
    pub(crate) next: Option<Item>,
}

/// What becomes of an item.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It stays.
    Kept,
    /// All but its revision goes: whoever read it and writes late must not find it new.
    Emptied(u64),
    /// It goes: it is of no kind that is ever written late.
    Deleted,
}

impl Sweep {
    /// Clears a page of the table. Everything is cleared as it was read or not at all, so that what another rebuild
    /// writes into its place stays.
    ///
    /// # Errors
    /// [`RebuildError::Aws`].
    pub(crate) async fn page(
        &self,
        known: Known,
        after: Option<Item>,
    ) -> Result<Swept, RebuildError> {
        let scan = self.client.scan().table_name(&self.table).consistent_read(true);
        let scan = scan.limit(PAGE).set_exclusive_start_key(after);
        let page = scan.send().await.map_err(aws("reading the views"))?;
        let next = page.last_evaluated_key.clone();
        let items = page.items.unwrap_or_default();
        let swept = Swept {
            items: items.len() as u64,
            newest: items.iter().filter_map(generation).max(),
            next,
        };
        stream::iter(items)
            .map(|item| self.clear(item, known))
            .buffer_unordered(WRITES)
            .try_collect::<Vec<()>>()
            .await?;
        Ok(swept)
    }

    async fn clear(&self, item: Item, known: Known) -> Result<(), RebuildError> {
        match fate(&item, known) {
            Fate::Kept => Ok(()),
            Fate::Deleted => self.delete(item).await,
            Fate::Emptied(revision) => self.empty(item, revision).await,
        }
    }

    async fn empty(&self, item: Item, seen: u64) -> Result<(), RebuildError> {
        let number = |n: u64| AttributeValue::N(n.to_string());
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(key(&item)))
            .item(REVISION, number(seen + 1))
            .condition_expression("#revision = :seen")
            .expression_attribute_names("#revision", REVISION)
            .expression_attribute_values(":seen", number(seen));
        match put.send().await {
            Ok(_) => Ok(()),
            // Written meanwhile, by somebody who does not know yet: the next rebuild clears it.
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(aws("clearing the views")(error)),
        }
    }

    async fn delete(&self, item: Item) -> Result<(), RebuildError> {
        let delete = self.client.delete_item().table_name(&self.table).set_key(Some(key(&item)));
        let delete = delete.expression_attribute_names("#revision", REVISION);
        let delete = match item.get(REVISION) {
            None => delete.condition_expression("attribute_not_exists(#revision)"),
            Some(seen) => delete
                .condition_expression("#revision = :seen")
                .expression_attribute_values(":seen", seen.clone()),
        };
        match delete.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(DeleteItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(aws("clearing the views")(error)),
        }
    }
}

fn key(item: &Item) -> Item {
    let of_key = |name: &str| Some((name.to_owned(), item.get(name)?.clone()));
    [PK, SK].into_iter().filter_map(of_key).collect()
}

fn fate(item: &Item, known: Known) -> Fate {
    let active = known.active;
    let (pk, sk) = (text(item, PK), text(item, SK));
    let counts = counts_key(active);
    let is_shown_count = (counts.get(PK), counts.get(SK)) == (Some(pk), Some(sk));
    let of = generation(item);
    if pk == CONTROL || is_shown_count || of.is_some_and(|of| of > known.newest) {
        return Fate::Kept;
    }
    match number(item, REVISION) {
        Some(revision) if is_thing(pk) && Generation::PLACES.contains(&sk) => {
            let is_shown = of == Some(active) && sk == active.place();
            let is_empty = item.keys().all(|name| [PK, SK, REVISION].contains(&name.as_str()));
            if is_shown || is_empty { Fate::Kept } else { Fate::Emptied(revision) }
        }
        _ => Fate::Deleted,
    }
}

/// The generation of an item, if it is of one: what is above the limit was never begun.
fn generation(item: &Item) -> Option<Generation> {
    let of_counts = counts_key(Generation::FIRST).get(PK) == Some(text(item, PK));
    let of = match of_counts {
        true => text(item, SK).parse().ok(),
        false => number(item, GENERATION),
    };
    of.filter(|of| *of <= LAST).map(Generation)
}

fn is_thing(pk: &str) -> bool {
    pk.starts_with("order#") || pk.starts_with("customer#")
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str).unwrap_or_default()
}

fn number(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fate_of(item: serde_json::Value) -> Fate {
        let known = Known { active: Generation(2), newest: Generation(4) };
        fate(&serde_dynamo::to_item(item).expect("an item"), known)
    }

    #[test]
    fn what_is_shown_stays_and_all_else_goes() {
        for kept in [
            json!({"pk": "control", "sk": "control", "active": 2}),
            json!({"pk": "counts", "sk": "2", "placed": 1}),
            json!({"pk": "order#o", "sk": "even", "generation": 2, "revision": 3, "facts": {}}),
            json!({"pk": "order#o", "sk": "odd", "revision": 4}),
            // A rebuild that has taken over makes the fifth, and shows it.
            json!({"pk": "order#o", "sk": "odd", "generation": 5, "revision": 3, "facts": {}}),
            json!({"pk": "counts", "sk": "5", "placed": 1}),
        ] {
            assert_eq!(fate_of(kept.clone()), Fate::Kept, "{kept}");
        }
        for emptied in [
            json!({"pk": "order#o", "sk": "odd", "generation": 1, "revision": 3}),
            json!({"pk": "customer#c", "sk": "odd", "generation": 2, "revision": 3}),
            json!({"pk": "order#o", "sk": "even", "generation": 4, "revision": 3}),
            json!({"pk": "order#o", "sk": "even", "generation": u64::MAX, "revision": 3}),
            json!({"pk": "order#o", "sk": "even", "facts": {}, "revision": 3}),
        ] {
            assert_eq!(fate_of(emptied.clone()), Fate::Emptied(3), "{emptied}");
        }
        for deleted in [
            json!({"pk": "counts", "sk": "1", "placed": 1}),
            json!({"pk": "counts", "sk": "4", "placed": 1}),
            json!({"pk": "order#o", "sk": "even", "generation": 2}),
            json!({"pk": "order#o", "sk": "odd", "generation": 1, "revision": "x"}),
            json!({"pk": "order#o", "sk": "sideways", "generation": 2, "revision": 1}),
            json!({"pk": "junk", "sk": "even", "revision": 1}),
        ] {
            assert_eq!(fate_of(deleted.clone()), Fate::Deleted, "{deleted}");
        }
    }
}
