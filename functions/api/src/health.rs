//! `GET /health`

use crate::Api;
use aws_sdk_dynamodb::operation::get_item::builders::GetItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_http::{Problem, Response, unavailable};
use futures_util::future::try_join_all;
use serde_json::json;

impl Api {
    /// Reads from every table; 200 when all answer.
    pub(crate) async fn health(&self) -> Result<Response, Problem> {
        let zero = AttributeValue::N("0".to_owned());
        let reads = [
            self.probe(&self.tables.events).key("stream", nothing()).key("version", zero),
            self.probe(&self.tables.ledger).key("id", nothing()),
            self.probe(&self.tables.products).key("sku", nothing()),
            self.probe(&self.tables.stock).key("sku", nothing()),
            self.probe(&self.tables.sales).key("day", nothing()).key("figure", nothing()),
            self.probe(&self.tables.views).key("pk", nothing()).key("sk", nothing()),
        ];
        let reads = reads.map(GetItemFluentBuilder::send);
        try_join_all(reads).await.map_err(unavailable)?;
        Ok(Response::ok(&json!({"status": "ok"})))
    }

    fn probe(&self, table: &str) -> GetItemFluentBuilder {
        self.client.get_item().table_name(table)
    }
}

/// A key under which no item lies.
fn nothing() -> AttributeValue {
    AttributeValue::S("health".to_owned())
}
