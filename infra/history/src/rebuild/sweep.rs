//! Clearing what is not of the generation that is shown.

use crate::HistoryError;
use crate::error::aws;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use read_models::views::{CONTROL, GENERATION, Generation, PK, REVISION, SK, counts_key};
use std::collections::HashMap;

/// Items on one page.
const PAGE: i32 = 100;
/// Items that are cleared at once.
const WRITES: usize = 8;

type Item = HashMap<String, AttributeValue>;

/// Clears the views' table.
pub(super) struct Sweep {
    pub(super) client: Client,
    pub(super) table: String,
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
    /// Clears a page of the table. Gives how many items it had, and where the next begins.
    ///
    /// # Errors
    /// [`HistoryError::Aws`].
    pub(super) async fn page(
        &self,
        active: Generation,
        after: Option<Item>,
    ) -> Result<(u64, Option<Item>), HistoryError> {
        let scan = self.client.scan().table_name(&self.table).consistent_read(true);
        let scan = scan.limit(PAGE).set_exclusive_start_key(after);
        let page = scan.send().await.map_err(aws("reading the views"))?;
        let next = page.last_evaluated_key.clone();
        let items = page.items.unwrap_or_default();
        let swept = items.len() as u64;
        stream::iter(items)
            .map(|item| self.clear(item, active))
            .buffer_unordered(WRITES)
            .try_collect::<Vec<()>>()
            .await?;
        Ok((swept, next))
    }

    async fn clear(&self, item: Item, active: Generation) -> Result<(), HistoryError> {
        let seen = match fate(&item, active) {
            Fate::Kept => return Ok(()),
            Fate::Deleted => None,
            Fate::Emptied(revision) => Some(revision),
        };
        let key = item.into_iter().filter(|(name, _)| [PK, SK].contains(&name.as_str()));
        let key: Item = key.collect();
        let Some(seen) = seen else {
            let delete = self.client.delete_item().table_name(&self.table).set_key(Some(key));
            delete.send().await.map_err(aws("clearing the views"))?;
            return Ok(());
        };
        let number = |n: u64| AttributeValue::N(n.to_string());
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(key))
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
                    .is_some_and(|e| e.is_conditional_check_failed_exception()) =>
            {
                Ok(())
            }
            Err(error) => Err(aws("clearing the views")(error)),
        }
    }
}

fn fate(item: &Item, active: Generation) -> Fate {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str);
    let number = |name: &str| item.get(name)?.as_n().ok()?.parse::<u64>().ok();
    let (pk, sk) = (text(PK).unwrap_or_default(), text(SK).unwrap_or_default());
    let counts = counts_key(active);
    if pk == CONTROL || (counts.get(PK), counts.get(SK)) == (Some(pk), Some(sk)) {
        return Fate::Kept;
    }
    let is_thing = pk.starts_with("order#") || pk.starts_with("customer#");
    match number(REVISION) {
        Some(revision) if is_thing && Generation::PLACES.contains(&sk) => {
            let is_shown = number(GENERATION) == Some(active.0) && sk == active.place();
            let is_empty = item.keys().all(|name| [PK, SK, REVISION].contains(&name.as_str()));
            if is_shown || is_empty { Fate::Kept } else { Fate::Emptied(revision) }
        }
        _ => Fate::Deleted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fate_of(item: serde_json::Value) -> Fate {
        fate(&serde_dynamo::to_item(item).expect("an item"), Generation(2))
    }

    #[test]
    fn what_is_shown_stays_and_all_else_goes() {
        for kept in [
            json!({"pk": "control", "sk": "control", "active": 2}),
            json!({"pk": "counts", "sk": "2", "placed": 1}),
            json!({"pk": "order#o", "sk": "even", "generation": 2, "revision": 3, "facts": {}}),
            json!({"pk": "order#o", "sk": "odd", "revision": 4}),
        ] {
            assert_eq!(fate_of(kept.clone()), Fate::Kept, "{kept}");
        }
        for emptied in [
            json!({"pk": "order#o", "sk": "odd", "generation": 1, "revision": 3}),
            json!({"pk": "customer#c", "sk": "odd", "generation": 2, "revision": 3}),
            json!({"pk": "order#o", "sk": "even", "facts": {}, "revision": 3}),
        ] {
            assert_eq!(fate_of(emptied.clone()), Fate::Emptied(3), "{emptied}");
        }
        for deleted in [
            json!({"pk": "counts", "sk": "1", "placed": 1}),
            json!({"pk": "order#o", "sk": "even", "generation": 2}),
            json!({"pk": "order#o", "sk": "odd", "generation": 1, "revision": "x"}),
            json!({"pk": "order#o", "sk": "sideways", "generation": 2, "revision": 1}),
            json!({"pk": "junk", "sk": "even", "revision": 1}),
        ] {
            assert_eq!(fate_of(deleted.clone()), Fate::Deleted, "{deleted}");
        }
    }
}
