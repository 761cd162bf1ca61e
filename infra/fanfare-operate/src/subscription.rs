//! What a subscription lets through.

use crate::error::aws;
use crate::{Connection, OperateError};
use fanfare_event::Envelope;
use fanfare_template::pattern;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The message attribute that the relay publishes every event with.
const EVENT_TYPE: &str = "eventType";

/// A subscription's filter policy, as SNS applies it
/// (<https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>).
#[derive(Debug, Clone, PartialEq)]
pub enum FilterPolicy {
    /// It has none.
    Everything,
    /// It looks at the message's attributes.
    Attributes(Value),
    /// It looks at the event itself.
    Body(Value),
}

impl FilterPolicy {
    /// Reads a subscription's attributes.
    ///
    /// # Errors
    /// What is wrong with the policy, in words.
    pub fn of(attributes: &HashMap<String, String>) -> Result<Self, String> {
        let Some(policy) = attributes.get("FilterPolicy") else { return Ok(Self::Everything) };
        let policy: Value = serde_json::from_str(policy).map_err(|error| error.to_string())?;
        pattern::check(&policy)?;
        Ok(match attributes.get("FilterPolicyScope").map(String::as_str) {
            Some("MessageBody") => Self::Body(policy),
            _ => Self::Attributes(policy),
        })
    }

    /// Whether an event passes.
    pub fn takes(&self, event: &Envelope) -> bool {
        match self {
            Self::Everything => true,
            Self::Attributes(policy) => {
                pattern::matches(policy, &json!({ EVENT_TYPE: event.event_type }))
            }
            Self::Body(policy) => {
                let body = event.to_json().ok();
                let body = body.and_then(|body| serde_json::from_str::<Value>(&body).ok());
                body.is_some_and(|body| pattern::matches(policy, &body))
            }
        }
    }

    /// The event types that it names, if it is a list of them and nothing else.
    pub fn types(&self) -> Option<Vec<String>> {
        let (Self::Attributes(policy) | Self::Body(policy)) = self else { return None };
        let mut keys = policy.as_object().map(Map::iter)?;
        match (keys.next(), keys.next()) {
            (Some((key, Value::Array(types))), None) if key == EVENT_TYPE => {
                types.iter().map(|one| one.as_str().map(str::to_owned)).collect()
            }
            _ => None,
        }
    }
}

impl Connection {
    /// The filter policy of a subscription.
    ///
    /// # Errors
    /// [`OperateError::Aws`]; [`OperateError::Policy`] when it can't be followed.
    pub async fn filter_policy(&self, subscription: &str) -> Result<FilterPolicy, OperateError> {
        let ask = self.sns.get_subscription_attributes().subscription_arn(subscription);
        let answer = ask.send().await.map_err(aws("asking for a subscription's filter policy"))?;
        FilterPolicy::of(&answer.attributes.unwrap_or_default()).map_err(|reason| {
            OperateError::Policy { subscription: subscription.to_owned(), reason }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(policy: &str, scope: &str) -> Result<FilterPolicy, String> {
        let attributes = [("FilterPolicy", policy), ("FilterPolicyScope", scope)];
        let owned = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        FilterPolicy::of(&HashMap::from(owned))
    }

    fn event(event_type: &str, room: &str) -> Envelope {
        let json = json!({"eventType": event_type, "eventId": "evt_1", "timestamp": "2024-01-15T10:30:00Z",
                          "payload": {"room": room}});
        Envelope::from_json(&json.to_string()).expect("an envelope")
    }

    #[test]
    fn a_filter_policy_says_which_events_are_heard() {
        let by_type = policy(r#"{"eventType": ["Measured", {"prefix": "Alarm"}]}"#, "");
        let by_type = by_type.expect("a policy");
        assert!(
            by_type.takes(&event("Measured", "a")) && by_type.takes(&event("AlarmRaised", "a"))
        );
        assert!(!by_type.takes(&event("DoorOpened", "a")));
        let everything = FilterPolicy::of(&HashMap::new()).expect("no policy");
        assert!(everything.takes(&event("DoorOpened", "a")), "no policy lets everything through");
        let by_room = policy(r#"{"payload": {"room": ["kitchen"]}}"#, "MessageBody");
        let by_room = by_room.expect("a policy");
        assert!(by_room.takes(&event("Measured", "kitchen")));
        assert!(!by_room.takes(&event("Measured", "hall")));
        // The relay publishes no other attribute.
        let by_source = policy(r#"{"source": ["api"]}"#, "").expect("a policy");
        assert!(!by_source.takes(&event("Measured", "kitchen")));
    }

    #[test]
    fn a_list_of_types_can_be_told() {
        let types = |text: &str| policy(text, "").expect("a policy").types();
        assert_eq!(types(r#"{"eventType":["A","B"]}"#), Some(vec!["A".to_owned(), "B".to_owned()]));
        for other in [
            r#"{"eventType":[{"prefix":"Temp"}]}"#,
            r#"{"eventType":["A"],"source":["api"]}"#,
            r#"{"source":["api"]}"#,
            "{}",
        ] {
            assert_eq!(types(other), None, "{other}");
        }
    }

    #[test]
    fn a_policy_that_nobody_understands_is_refused() {
        for text in ["", "[]", r#"{"eventType": [{"sounds-like": "A"}]}"#] {
            policy(text, "").expect_err(text);
        }
    }
}
