//! What is remembered of an idempotency key.

use super::command::{Command, hex};
use super::{CommandError, Response};
use crate::Caller;
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValuesOnConditionCheckFailure};
use fanfare_event::Timestamp;
use fanfare_event_store::FailedCondition;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

type Item = HashMap<String, AttributeValue>;

/// Hours for which a key is remembered.
const HOURS: i64 = 24;

/// The record of a key: what it was used for, and what was answered.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyRecord {
    id: String,
    fingerprint: String,
    /// The answer, as JSON.
    response: String,
    /// Seconds since 1970.
    expires_at: i64,
}

impl KeyRecord {
    pub(super) fn new(source: &str, key: &str, caller: &Caller, command: &Command) -> Self {
        Self {
            id: id(source, command.kind, caller, key),
            fingerprint: command.fingerprint.clone(),
            // A response is JSON already.
            response: serde_json::to_string(&command.response).unwrap_or_default(),
            expires_at: Timestamp::now().as_second() + HOURS * 60 * 60,
        }
    }

    /// The write of the record, refused while the key is remembered. DynamoDB forgets expired ones late, so the time is
    /// checked too.
    pub(super) fn put(&self, table: &str, now: Timestamp) -> Result<Put, CommandError> {
        let invalid = |error: &dyn std::fmt::Display| CommandError::Invalid(error.to_string());
        Put::builder()
            .table_name(table)
            .set_item(Some(serde_dynamo::to_item(self).map_err(|error| invalid(&error))?))
            .condition_expression("attribute_not_exists(#id) OR #expires < :now")
            .expression_attribute_names("#id", "id")
            .expression_attribute_names("#expires", "expiresAt")
            .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(|error| invalid(&error))
    }

    /// The table's key of the record.
    pub(super) fn key(&self) -> AttributeValue {
        AttributeValue::S(self.id.clone())
    }

    /// The answer to a key that is remembered: the first call's, if this one asks for the same; `None` when it is remembered
    /// no more, whether or not DynamoDB has noticed.
    pub(super) fn answer_if_remembered(
        &self,
        item: Item,
        now: Timestamp,
    ) -> Result<Option<Response>, CommandError> {
        let expires =
            item.get("expiresAt").and_then(|value| value.as_n().ok()?.parse::<i64>().ok());
        match expires.is_some_and(|expires| expires < now.as_second()) {
            true => Ok(None),
            false => self.answer(item).map(Some),
        }
    }

    /// The answer to a key that is remembered: the first call's, if this one asks for the same.
    pub(super) fn answer_of(&self, before: &FailedCondition) -> Result<Response, CommandError> {
        self.answer(before.item.clone().unwrap_or_default())
    }

    fn answer(&self, item: Item) -> Result<Response, CommandError> {
        // The error's own words may quote what is in the table.
        let malformed = || CommandError::Invalid("the record of an Idempotency-Key".to_owned());
        let before: Self = serde_dynamo::from_item(item).map_err(|_| malformed())?;
        match before.fingerprint == self.fingerprint {
            true => serde_json::from_str(&before.response).map_err(|_| malformed()),
            false => Err(CommandError::KeyReused),
        }
    }
}

/// The record's key. Callers can be long and hold any character, so of them a digest is in it.
fn id(source: &str, kind: &str, caller: &Caller, key: &str) -> String {
    let scope = match caller.scope() {
        nobody if nobody.is_empty() => nobody,
        scope => hex(scope.as_bytes()),
    };
    format!("{source}#{kind}#{scope}#{key}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Token;
    use std::collections::HashSet;

    #[test]
    fn no_two_callers_or_commands_share_a_key() {
        let token = |subject: &str| Caller::Token(Token::new("https://login", subject));
        let ids = [
            id("api", "order", &Caller::Unknown, "1"),
            id("api", "order", &token("ada"), "1"),
            id("api", "order", &token("bob"), "1"),
            id("api", "order", &Caller::Iam { arn: "ada".to_owned() }, "1"),
            id("api", "order", &Caller::Unknown, &format!("{}#1", hex(b"token https://login ada"))),
            id("api", "cancel", &Caller::Unknown, "1"),
            id("api", "order", &Caller::Unknown, "2"),
        ];
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{ids:?}");
        assert!(ids.iter().all(|id| id.starts_with("api#")));
    }
}
