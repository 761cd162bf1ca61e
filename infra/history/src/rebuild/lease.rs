//! Who rebuilds: one at a time.

use crate::HistoryError;
use crate::error::aws;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use event_schema::Timestamp;
use read_models::views::{CONTROL, Control, PK, Rebuild, SK};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// The right to rebuild, and what the control item says under it.
pub(super) struct Lease {
    client: Client,
    table: String,
    length: Duration,
    token: String,
    control: Control,
    renewed: Instant,
}

impl Lease {
    /// Takes the lease, if nobody has it.
    ///
    /// # Errors
    /// [`HistoryError::Busy`].
    pub(super) async fn take(
        client: Client,
        table: String,
        length: Duration,
    ) -> Result<Self, HistoryError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let read = client.get_item().table_name(&table).consistent_read(true);
        let read = read.key(PK, text(CONTROL)).key(SK, text(CONTROL));
        let item = read.send().await.map_err(aws("reading the generations"))?.item;
        let before: Option<Control> = item
            .map(serde_dynamo::from_item)
            .transpose()
            .map_err(|e| HistoryError::Views(e.into()))?;
        let left = before.as_ref().and_then(|control| control.rebuild.clone());
        if let Some(left) = &left {
            let until = Timestamp::from_millisecond(left.lease_until).unwrap_or(Timestamp::MAX);
            if until > Timestamp::now() {
                return Err(HistoryError::Busy { until });
            }
        }
        let control = before.clone().unwrap_or_default();
        let lease = Self {
            client,
            table,
            length,
            token: Uuid::now_v7().simple().to_string(),
            control: Control { building: None, ..control },
            renewed: Instant::now(),
        };
        let put = lease.put();
        let put = match (before, left) {
            (None, _) => put
                .condition_expression("attribute_not_exists(#pk)")
                .expression_attribute_names("#pk", PK),
            (Some(_), None) => put
                .condition_expression("attribute_not_exists(#rebuild)")
                .expression_attribute_names("#rebuild", "rebuild"),
            (Some(_), Some(left)) => put
                .condition_expression("#rebuild.#token = :token AND #rebuild.#until = :until")
                .expression_attribute_names("#rebuild", "rebuild")
                .expression_attribute_names("#token", "token")
                .expression_attribute_names("#until", "leaseUntil")
                .expression_attribute_values(":token", AttributeValue::S(left.token))
                .expression_attribute_values(
                    ":until",
                    AttributeValue::N(left.lease_until.to_string()),
                ),
        };
        let item = lease.item(true)?;
        match put.set_item(Some(item)).send().await {
            Ok(_) => Ok(lease),
            Err(error) if is_refused(&error) => Err(HistoryError::Busy { until: lease.until() }),
            Err(error) => Err(aws("taking the lease")(error)),
        }
    }

    /// What the control item says.
    pub(super) fn control(&self) -> &Control {
        &self.control
    }

    /// Changes what the control item says, and renews the lease.
    ///
    /// # Errors
    /// [`HistoryError::TakenOver`] when the lease is somebody else's.
    pub(super) async fn write(&mut self, control: Control) -> Result<(), HistoryError> {
        self.control = control;
        self.write_while_ours(true).await?;
        self.renewed = Instant::now();
        Ok(())
    }

    /// Says that the rebuild is alive, if that was some time ago.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub(super) async fn renew(&mut self) -> Result<(), HistoryError> {
        match self.renewed.elapsed() < self.length / 4 {
            true => Ok(()),
            false => self.write(self.control.clone()).await,
        }
    }

    /// Gives the lease up. Nothing is being built any more. If somebody else has taken over, that is theirs to say.
    ///
    /// # Errors
    /// [`HistoryError::Aws`].
    pub(super) async fn give_up(&mut self) -> Result<(), HistoryError> {
        self.control.building = None;
        match self.write_while_ours(false).await {
            Err(HistoryError::TakenOver) => Ok(()),
            written => written,
        }
    }

    async fn write_while_ours(&self, is_held: bool) -> Result<(), HistoryError> {
        let put = self
            .put()
            .set_item(Some(self.item(is_held)?))
            .condition_expression("#rebuild.#token = :token")
            .expression_attribute_names("#rebuild", "rebuild")
            .expression_attribute_names("#token", "token")
            .expression_attribute_values(":token", AttributeValue::S(self.token.clone()));
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_refused(&error) => Err(HistoryError::TakenOver),
            Err(error) => Err(aws("writing the generations")(error)),
        }
    }

    fn put(&self) -> PutItemFluentBuilder {
        self.client.put_item().table_name(&self.table)
    }

    fn until(&self) -> Timestamp {
        Timestamp::now().checked_add(self.length).unwrap_or(Timestamp::MAX)
    }

    /// The control item, with or without the lease.
    fn item(&self, is_held: bool) -> Result<HashMap<String, AttributeValue>, HistoryError> {
        let rebuild = is_held.then(|| Rebuild {
            token: self.token.clone(),
            lease_until: self.until().as_millisecond(),
        });
        let control = Control { rebuild, ..self.control.clone() };
        let mut item: HashMap<_, _> =
            serde_dynamo::to_item(control).map_err(|e| HistoryError::Views(e.into()))?;
        for key in [PK, SK] {
            item.insert(key.to_owned(), AttributeValue::S(CONTROL.to_owned()));
        }
        Ok(item)
    }
}

fn is_refused(error: &SdkError<PutItemError>) -> bool {
    error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception)
}
