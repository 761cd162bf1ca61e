//! Reading what has happened, page by page.

use crate::item::{CORRELATION_ID, EVENT_TYPE, RECORDED_AT};
use crate::page::{Item, placed};
use crate::store::{BY_CORRELATION, unavailable};
use crate::{EventStore, Filter, Page, Place, StoreError, Stored};
use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;

impl EventStore {
    /// A page of the events about one thing, such as an order, from every stream, oldest first: at most `limit`,
    /// from the one after `after` on. Eventually consistent: an event of the last moments may be missing, and
    /// events of the same microsecond come in any order, but always the same.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; `Malformed` when the table holds something else.
    pub async fn page_about(
        &self,
        correlation_id: &str,
        after: Option<&Place>,
        limit: u16,
    ) -> Result<Page, StoreError> {
        // One more than asked for tells whether there is a next page.
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(BY_CORRELATION)
            .key_condition_expression("#id = :id")
            .expression_attribute_names("#id", CORRELATION_ID)
            .expression_attribute_values(":id", AttributeValue::S(correlation_id.to_owned()))
            .set_exclusive_start_key(after.map(|place| place.key_about(correlation_id)))
            .limit(i32::from(limit).saturating_add(1));
        let answer = query.send().await.map_err(unavailable)?;
        let mut found = answer.items().iter().map(placed).collect::<Result<Vec<_>, _>>()?;
        let is_cut = found.len() > limit.into() || answer.last_evaluated_key.is_some();
        found.truncate(limit.into());
        let next = found.last().map(|(place, _)| place.clone()).filter(|_| is_cut);
        let looked_at = found.len() as u64;
        Ok(Page { events: found.into_iter().map(|(_, stored)| stored).collect(), next, looked_at })
    }

    /// A page of all events there are: at most `limit` are looked at, and those that the filter takes are given.
    /// Streams come in an order of DynamoDB's own, always the same; each in its own order. Strongly consistent:
    /// what was appended before the page was asked for, and lies in it, is in it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`]; `Malformed` when the table holds something else.
    pub async fn page(
        &self,
        filter: &Filter,
        after: Option<&Place>,
        limit: u16,
    ) -> Result<Page, StoreError> {
        let scan = self
            .client
            .scan()
            .table_name(&self.table)
            .consistent_read(true)
            .set_exclusive_start_key(after.map(Place::key))
            .limit(limit.into());
        let answer = filtered(scan, filter).send().await.map_err(unavailable)?;
        let events = answer.items().iter().map(Stored::of).collect::<Result<_, _>>()?;
        let next = answer.last_evaluated_key.as_ref().and_then(|key: &Item| Place::of(key));
        let looked_at = u64::try_from(answer.scanned_count).unwrap_or(0);
        Ok(Page { events, next, looked_at })
    }

    /// About how many events there are: DynamoDB counts every six hours
    /// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html>).
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn size(&self) -> Result<u64, StoreError> {
        let describe = self.client.describe_table().table_name(&self.table);
        let table = describe.send().await.map_err(unavailable)?.table;
        let count = table.and_then(|table| table.item_count).unwrap_or(0);
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

/// A scan that leaves out what the filter does not take.
fn filtered(mut scan: ScanFluentBuilder, filter: &Filter) -> ScanFluentBuilder {
    let mut conditions = Vec::new();
    let time = |at: fanfare_event::Timestamp| AttributeValue::N(at.as_microsecond().to_string());
    if let Some(from) = filter.from {
        conditions.push("#at >= :from".to_owned());
        scan = scan.expression_attribute_values(":from", time(from));
    }
    if let Some(to) = filter.to {
        conditions.push("#at < :to".to_owned());
        scan = scan.expression_attribute_values(":to", time(to));
    }
    if filter.from.is_some() || filter.to.is_some() {
        scan = scan.expression_attribute_names("#at", RECORDED_AT);
    }
    if let Some(types) = &filter.types {
        let names: Vec<_> = (0..types.len()).map(|n| format!(":type{n}")).collect();
        conditions.push(match names.is_empty() {
            true => "attribute_not_exists(#type)".to_owned(),
            false => format!("#type IN ({})", names.join(", ")),
        });
        scan = scan.expression_attribute_names("#type", EVENT_TYPE);
        for (name, event_type) in names.into_iter().zip(types) {
            scan = scan.expression_attribute_values(name, AttributeValue::S(event_type.clone()));
        }
    }
    match conditions.is_empty() {
        true => scan,
        false => scan.filter_expression(conditions.join(" AND ")),
    }
}
