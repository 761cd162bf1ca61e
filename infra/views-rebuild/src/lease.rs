//! Who rebuilds: one at a time.

use crate::RebuildError;
use crate::error::aws;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem};
use fanfare_event::Timestamp;
use read_models::views::{CONTROL, Control, PK, Rebuild, SK};
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

/// How often the control item is written that a transaction of somebody else is at, and the pause in between.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(50);
/// The condition that the lease is still ours.
const IS_OURS: &str = "#rebuild.#token = :token";

/// The right to rebuild, and what the control item says under it.
pub(crate) struct Lease {
    client: Client,
    table: String,
    length: Duration,
    token: String,
    control: Control,
    /// By the wall clock: a monotonic one stands still while the machine sleeps, and the lease does not.
    renewed: Timestamp,
}

impl Lease {
    /// Takes the lease, if nobody has it.
    ///
    /// # Errors
    /// [`RebuildError::Busy`].
    pub(crate) async fn take(
        client: Client,
        table: String,
        length: Duration,
    ) -> Result<Self, RebuildError> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let read = client.get_item().table_name(&table).consistent_read(true);
        let read = read.key(PK, text(CONTROL)).key(SK, text(CONTROL));
        let item = read.send().await.map_err(aws("reading the generations"))?.item;
        let before: Option<Control> = item
            .map(serde_dynamo::from_item)
            .transpose()
            .map_err(|e| RebuildError::Views(e.into()))?;
        let left = before.as_ref().and_then(|control| control.rebuild.clone());
        if let Some(left) = &left {
            let until = Timestamp::from_millisecond(left.lease_until).unwrap_or(Timestamp::MAX);
            if until > Timestamp::now() {
                return Err(RebuildError::Busy { until });
            }
        }
        let control = before.clone().unwrap_or_default();
        let lease = Self {
            client,
            table,
            length,
            token: Uuid::now_v7().simple().to_string(),
            control: Control { building: None, ..control },
            renewed: Timestamp::now(),
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
        match send(put.set_item(Some(item))).await {
            Ok(()) => Ok(lease),
            Err(error) if is_refused(&error) => Err(RebuildError::Busy { until: lease.until() }),
            Err(error) => Err(aws("taking the lease")(error)),
        }
    }

    /// What the control item says.
    pub(crate) fn control(&self) -> &Control {
        &self.control
    }

    /// Changes what the control item says, and renews the lease.
    ///
    /// # Errors
    /// [`RebuildError::TakenOver`] when the lease is somebody else's.
    pub(crate) async fn write(&mut self, control: Control) -> Result<(), RebuildError> {
        self.control = control;
        let now = Timestamp::now();
        self.write_while_ours(true).await?;
        self.renewed = now;
        Ok(())
    }

    /// Says that the rebuild is alive, if that was some time ago.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub(crate) async fn renew(&mut self) -> Result<(), RebuildError> {
        match is_due(self.renewed, Timestamp::now(), self.length) {
            false => Ok(()),
            true => self.write(self.control.clone()).await,
        }
    }

    /// What a transaction has to hold first, so that it is refused once the lease is somebody else's: looking at
    /// the lease beforehand says nothing of a process that sleeps between the look and the write.
    ///
    /// # Errors
    /// None that is met.
    pub(crate) fn fence(&self) -> Result<TransactWriteItem, RebuildError> {
        let check = ConditionCheck::builder()
            .table_name(&self.table)
            .key(PK, AttributeValue::S(CONTROL.to_owned()))
            .key(SK, AttributeValue::S(CONTROL.to_owned()))
            .condition_expression(IS_OURS)
            .expression_attribute_names("#rebuild", "rebuild")
            .expression_attribute_names("#token", "token")
            .expression_attribute_values(":token", AttributeValue::S(self.token.clone()));
        let check = check.build().map_err(aws("writing the views"))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    /// Gives the lease up. Nothing is being built any more. If somebody else has taken over, that is theirs to say.
    ///
    /// # Errors
    /// [`RebuildError::Aws`].
    pub(crate) async fn give_up(&mut self) -> Result<(), RebuildError> {
        self.control.building = None;
        match self.write_while_ours(false).await {
            Err(RebuildError::TakenOver) => Ok(()),
            written => written,
        }
    }

    async fn write_while_ours(&self, is_held: bool) -> Result<(), RebuildError> {
        let put = self
            .put()
            .set_item(Some(self.item(is_held)?))
            .condition_expression(IS_OURS)
            .expression_attribute_names("#rebuild", "rebuild")
            .expression_attribute_names("#token", "token")
            .expression_attribute_values(":token", AttributeValue::S(self.token.clone()));
        match send(put).await {
            Ok(()) => Ok(()),
            Err(error) if is_refused(&error) => Err(RebuildError::TakenOver),
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
    fn item(&self, is_held: bool) -> Result<HashMap<String, AttributeValue>, RebuildError> {
        let rebuild = is_held.then(|| Rebuild {
            token: self.token.clone(),
            lease_until: self.until().as_millisecond(),
        });
        let control = Control { rebuild, ..self.control.clone() };
        let mut item: HashMap<_, _> =
            serde_dynamo::to_item(control).map_err(|e| RebuildError::Views(e.into()))?;
        for key in [PK, SK] {
            item.insert(key.to_owned(), AttributeValue::S(CONTROL.to_owned()));
        }
        Ok(item)
    }
}

/// Writes the control item. A rebuild that has lost its lease may be at it with a last transaction, which is over soon.
async fn send(put: PutItemFluentBuilder) -> Result<(), SdkError<PutItemError>> {
    for _ in 1..TRIES {
        match put.clone().send().await {
            Ok(_) => return Ok(()),
            Err(error) if is_in_conflict(&error) => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(error),
        }
    }
    put.send().await.map(|_| ())
}

/// Whether the lease has to be renewed: after a quarter of its length, or when the clock was put back.
fn is_due(renewed: Timestamp, now: Timestamp, length: Duration) -> bool {
    let since = Duration::try_from(now.duration_since(renewed));
    !since.is_ok_and(|since| since < length / 4)
}

fn is_in_conflict(error: &SdkError<PutItemError>) -> bool {
    error.as_service_error().is_some_and(PutItemError::is_transaction_conflict_exception)
}

fn is_refused(error: &SdkError<PutItemError>) -> bool {
    error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_renewed_by_the_time_that_others_go_by() {
        let begun: Timestamp = "2026-01-15T10:30:00Z".parse().expect("a time");
        let length = Duration::from_secs(60);
        let is_due_at = |time: &str| is_due(begun, time.parse().expect("a time"), length);
        assert!(!is_due_at("2026-01-15T10:30:14Z"));
        assert!(is_due_at("2026-01-15T10:30:15Z"));
        assert!(is_due_at("2026-01-16T10:30:00Z"), "after a night's sleep");
        assert!(is_due_at("2026-01-15T10:29:59Z"), "the clock was put back");
    }
}
