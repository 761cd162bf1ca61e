//! From a message's body to an envelope.

use fanfare_event::{Envelope, SchemaError};
use serde::Deserialize;
use std::borrow::Cow;

/// What SNS wraps a message in when the subscription does not ask for raw delivery. Field names:
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html>.
#[derive(Deserialize)]
struct Notification<'a> {
    #[serde(rename = "Type")]
    kind: Cow<'a, str>,
    #[serde(rename = "Message", borrow)]
    message: Cow<'a, str>,
}

/// Reads the envelope of a body that is one, or that is SNS's notification of one.
///
/// # Errors
/// [`SchemaError::Envelope`] when it is neither.
pub(crate) fn envelope(body: &str) -> Result<Envelope, SchemaError> {
    let error = match Envelope::from_json(body) {
        Ok(envelope) => return Ok(envelope),
        Err(error) => error,
    };
    match serde_json::from_str::<Notification<'_>>(body) {
        Ok(notification) if notification.kind == "Notification" => {
            Envelope::from_json(&notification.message)
        }
        _ => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn event() -> String {
        json!({"eventType": "Tested", "eventId": "evt_1", "timestamp": "2024-01-15T10:30:00Z",
               "payload": {"text": "\"quoted\" and ünïcode"}})
        .to_string()
    }

    #[test]
    fn a_raw_body_is_the_envelope() {
        assert_eq!(envelope(&event()).expect("decodes").event_id.as_str(), "evt_1");
    }

    #[test]
    fn an_sns_notification_holds_the_envelope() {
        let body = json!({"Type": "Notification", "MessageId": "m", "TopicArn": "t", "Message": event(),
                          "Timestamp": "2024-01-15T10:30:00.000Z", "SignatureVersion": "1"});
        assert_eq!(envelope(&body.to_string()).expect("decodes").event_id.as_str(), "evt_1");
    }

    #[test]
    fn anything_else_is_an_error() {
        for body in ["", "hello", "[]", "{}", r#"{"Type":"Notification","Message":"no"}"#] {
            assert!(envelope(body).is_err(), "{body:?} was accepted");
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_the_decoder_panic(body in ".{0,200}") {
            drop(envelope(&body));
            let wrapped = json!({"Type": "Notification", "Message": body}).to_string();
            drop(envelope(&wrapped));
        }
    }
}
