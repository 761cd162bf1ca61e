//! Waiting for the index of orders by customer, which lags behind the table.

use crate::RebuildError;
use crate::error::aws;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use read_models::views::{BY_CUSTOMER, OWNER, PK, PLACED_AT};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

const INTERVAL: Duration = Duration::from_millis(50);

/// The index.
pub(crate) struct Index {
    pub(crate) client: Client,
    pub(crate) table: String,
    /// How long it may lag.
    pub(crate) patience: Duration,
}

impl Index {
    /// Waits until the index shows an item. One of every page is asked for, which finds an index that has fallen
    /// behind, but is no proof for the others of the page: DynamoDB offers none.
    ///
    /// # Errors
    /// [`RebuildError::Aws`] when it does not in good time.
    pub(crate) async fn shows(
        &self,
        item: Option<&HashMap<String, AttributeValue>>,
    ) -> Result<(), RebuildError> {
        let attribute = |name: &str| item.and_then(|item| item.get(name)).cloned();
        let (Some(owner), Some(placed_at)) = (attribute(OWNER), attribute(PLACED_AT)) else {
            return Ok(());
        };
        let begun = Instant::now();
        while begun.elapsed() < self.patience {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(BY_CUSTOMER)
                .key_condition_expression("#owner = :owner AND #at = :at")
                .expression_attribute_names("#owner", OWNER)
                .expression_attribute_names("#at", PLACED_AT)
                .expression_attribute_values(":owner", owner.clone())
                .expression_attribute_values(":at", placed_at.clone());
            let found = query.send().await.map_err(aws("reading the index of the views"))?;
            if found.items().iter().any(|found| found.get(PK) == attribute(PK).as_ref()) {
                return Ok(());
            }
            tokio::time::sleep(INTERVAL).await;
        }
        Err(aws("waiting for the index of the views")("it lags for too long"))
    }
}
