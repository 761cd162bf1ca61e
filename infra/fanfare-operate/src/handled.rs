//! What a consumer did lately: a sample of its records in the ledger, which has no index by consumer or by time.

use crate::error::aws;
use crate::{Connection, OperateError};
use fanfare::ledger::Record;
use fanfare_template::roles::Role;
use fanfare_trace::Consumption;
use serde::Serialize;
use std::cmp::Reverse;

/// An event that a consumer dealt with.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Handled {
    /// The event.
    pub event_id: String,
    /// What became of it.
    #[serde(flatten)]
    pub consumption: Consumption,
}

/// Some of what a consumer dealt with.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// The newest first.
    pub handled: Vec<Handled>,
    /// How many records of the ledger were read, other consumers' among them.
    pub looked_at: u64,
    /// Whether there are more. DynamoDB keeps them by a hash of their keys, so that those that were read are as good as drawn by lot.
    pub is_cut: bool,
}

impl Connection {
    /// What a consumer dealt with, as far as the first `most` records of the ledger tell; `None` where the template has no ledger.
    ///
    /// # Errors
    /// [`OperateError`].
    pub async fn handled(&self, consumer: &str, most: u64) -> Result<Option<Sample>, OperateError> {
        let Some(ledger) = self.description().await?.roles.ledger.clone() else { return Ok(None) };
        let table = self.table(&ledger).await?;
        let beginning = format!("{consumer}#");
        let mut sample = Sample { handled: Vec::new(), looked_at: 0, is_cut: false };
        let mut after = None;
        loop {
            let left = i32::try_from(most - sample.looked_at).unwrap_or(i32::MAX);
            let scan = self.dynamodb.scan().table_name(&table).limit(left);
            let scan =
                scan.filter_expression("begins_with(id, :consumer) AND attribute_exists(outcome)");
            let value =
                serde_dynamo::to_attribute_value(&beginning).map_err(OperateError::Malformed)?;
            let scan = scan.expression_attribute_values(":consumer", value);
            let page = scan.set_exclusive_start_key(after).send().await;
            let page = page.map_err(aws(format!("reading the {}", Role::Ledger)))?;
            sample.looked_at += u64::try_from(page.scanned_count).unwrap_or(0);
            for item in page.items.unwrap_or_default() {
                let record: Record =
                    serde_dynamo::from_item(item).map_err(OperateError::Malformed)?;
                sample.handled.extend(handled(consumer, &record, &beginning));
            }
            after = page.last_evaluated_key;
            sample.is_cut = after.is_some();
            if after.is_none() || sample.looked_at >= most {
                break;
            }
        }
        sample.handled.sort_by_key(|one| Reverse(one.consumption.finished_at));
        Ok(Some(sample))
    }
}

fn handled(consumer: &str, record: &Record, beginning: &str) -> Option<Handled> {
    let event_id = record.id.strip_prefix(beginning)?.to_owned();
    Some(Handled { event_id, consumption: Consumption::of(consumer, record) })
}
