//! An event by hand: appended to the event store, so that it is announced and traced as any other.

use crate::{Connection, OperateError};
use fanfare_event::{Envelope, EventDescription, EventId};
use fanfare_event_store::StoreError;
use jiff::Timestamp;
use serde_json::Value;
use std::fmt::Write as _;
use uuid::Uuid;

/// How often the stream's end is looked up anew when somebody else appends to it at the same moment.
const TRIES: usize = 10;

/// Why an event was not announced.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    /// The payload is no object.
    #[error("the payload is {0}, and not an object such as {{\"room\":\"attic\"}}")]
    NoObject(&'static str),
    /// A field is missing that says what the event is about.
    #[error("{event} needs the field {field}, a text or a number: its stream is {stream}")]
    Field {
        /// The event.
        event: String,
        /// The field, as it is called in JSON.
        field: String,
        /// The pattern of its stream.
        stream: String,
    },
    /// The event is none that could be stored.
    #[error("the event is malformed")]
    Malformed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The event store did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no event store.
    #[error(transparent)]
    Operate(#[from] OperateError),
}

impl Connection {
    /// Appends an event to its stream in the event store, as the next one, and gives it as it was stored. What it is
    /// about and its stream follow from its description in the catalogue.
    ///
    /// # Errors
    /// [`AnnounceError`].
    pub async fn announce(
        &self,
        event: &EventDescription,
        payload: &Value,
    ) -> Result<Envelope, AnnounceError> {
        let envelope = envelope(event, payload)?;
        let stream = filled_in(&event.stream, event, payload)?;
        let store = self.event_store().await?;
        for _ in 1..TRIES {
            match store.append(&stream, store.head(&stream).await?, [envelope.clone()]).await {
                Err(StoreError::Conflict { .. } | StoreError::Busy { .. }) => {}
                appended => return appended.map(|()| envelope).map_err(Into::into),
            }
        }
        store.append(&stream, store.head(&stream).await?, [envelope.clone()]).await?;
        Ok(envelope)
    }
}

fn envelope(event: &EventDescription, payload: &Value) -> Result<Envelope, AnnounceError> {
    let malformed =
        |error: Box<dyn std::error::Error + Send + Sync>| AnnounceError::Malformed(error);
    // A correlation is one field's name, or a text with fields in braces.
    let correlation = match event.correlation.contains('{') {
        true => filled_in(&event.correlation, event, payload)?,
        false => filled_in(&format!("{{{}}}", event.correlation), event, payload)?,
    };
    Ok(Envelope {
        event_type: event.event_type.to_string(),
        event_id: EventId::new(format!("evt_{}", Uuid::now_v7().simple()))
            .map_err(|error| malformed(error.into()))?,
        timestamp: Timestamp::now(),
        schema_version: event.version,
        stream: None,
        version: None,
        correlation_id: Some(correlation),
        causation_id: None,
        traceparent: None,
        tenant: None,
        source: Some("fanfare".to_owned()),
        payload: serde_json::value::to_raw_value(payload)
            .map_err(|error| malformed(error.into()))?,
    })
}

/// A text with fields in braces, with the payload's values for them.
fn filled_in(
    pattern: &str,
    event: &EventDescription,
    payload: &Value,
) -> Result<String, AnnounceError> {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some((before, (field, after))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        text.push_str(before);
        let missing = || AnnounceError::Field {
            event: event.event_type.to_string(),
            field: field.to_owned(),
            stream: event.stream.to_string(),
        };
        match payload.get(field) {
            Some(Value::String(value)) if !value.is_empty() => text.push_str(value),
            // Writing to a text can't fail.
            Some(Value::Number(value)) => write!(text, "{value}").unwrap_or_default(),
            _ if !payload.is_object() => return Err(AnnounceError::NoObject(kind(payload))),
            _ => return Err(missing()),
        }
        rest = after;
    }
    Ok(text + rest)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn measured() -> EventDescription {
        EventDescription {
            event_type: "TemperatureMeasured".into(),
            version: 2,
            stream: "room-{room}".into(),
            correlation: "room".into(),
            summary: "A room's temperature was measured.".into(),
        }
    }

    #[test]
    fn stream_and_correlation_follow_from_the_payload() -> Result<(), AnnounceError> {
        let payload = json!({"room": "attic", "celsius": 31});
        let envelope = envelope(&measured(), &payload)?;

        assert_eq!(envelope.correlation_id.as_deref(), Some("attic"));
        assert_eq!(envelope.schema_version, 2);
        assert_eq!(envelope.payload.get(), payload.to_string());
        assert_eq!(filled_in("room-{room}", &measured(), &payload)?, "room-attic");
        Ok(())
    }

    #[test]
    fn a_payload_without_what_it_is_about_names_the_field() {
        for (payload, words) in [
            (
                json!({"celsius": 31}),
                "TemperatureMeasured needs the field room, a text or a number: its stream is room-{room}",
            ),
            (json!({"room": null}), "needs the field room"),
            (json!([1]), "the payload is a list, and not an object"),
        ] {
            let refused = envelope(&measured(), &payload).expect_err("refused").to_string();
            assert!(refused.contains(words), "{refused}");
        }
    }
}
