//! Which events consumers take, by the filters of their subscriptions.

use super::{Owner, Spot, Stack};
use fanfare_template::roles::Consumer;
use fanfare_template::{Setting, Value};

/// The attribute, and the envelope's field, that an event's type is in.
pub(crate) const EVENT_TYPE: &str = "eventType";

/// What one subscription lets through to a consumer.
pub(crate) struct Interest<'t> {
    pub(crate) consumer: &'t Consumer,
    /// Where it says so.
    pub(crate) spot: Spot,
    types: Types,
}

enum Types {
    /// It has no filter on types.
    All,
    /// It has one; nobody here knows which.
    Unknown,
    /// What fits one of these.
    Like(Vec<Value>),
}

impl Interest<'_> {
    /// Whether a type of event gets through.
    pub(crate) fn takes(&self, event_type: &str) -> bool {
        match &self.types {
            Types::All | Types::Unknown => true,
            Types::Like(conditions) => {
                conditions.iter().any(|condition| fits_type(condition, event_type))
            }
        }
    }

    /// The types that it names one by one.
    pub(crate) fn named(&self) -> impl Iterator<Item = &str> {
        let conditions = match &self.types {
            Types::Like(conditions) => conditions.as_slice(),
            Types::All | Types::Unknown => &[],
        };
        conditions.iter().filter_map(Value::as_known)
    }
}

impl<'t> Stack<'t> {
    /// What consumers subscribe to, by the template's order.
    pub(crate) fn interests(&self) -> Vec<Interest<'t>> {
        let interest = |subscription: super::Subscription<'t>| {
            let Owner::Resource(queue) = self.queue_of(&subscription.endpoint.clone().known()?)
            else {
                return None;
            };
            let types = match subscription.settings.find(&["FilterPolicy"]) {
                Setting::Absent => Types::All,
                Setting::Unknown(_) => Types::Unknown,
                Setting::Known(policy) => types(&policy.as_document()),
            };
            Some(Interest {
                consumer: self.roles.consumer_of(&queue.id)?,
                spot: subscription.spot(&["FilterPolicy", EVENT_TYPE]),
                types,
            })
        };
        self.subscriptions().into_iter().filter_map(interest).collect()
    }
}

fn types(policy: &Value) -> Types {
    match policy.find(&[EVENT_TYPE]) {
        Setting::Absent => Types::All,
        Setting::Unknown(_) => Types::Unknown,
        Setting::Known(conditions) => Types::Like(conditions.each().to_vec()),
    }
}

/// Whether a type fits a filter's condition; what nobody here can judge may fit.
/// <https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html>
fn fits_type(condition: &Value, event_type: &str) -> bool {
    if condition.as_text().is_some() {
        return condition.as_known().is_none_or(|name| name == event_type);
    }
    condition.fields().iter().all(|field| {
        let mut values = field.value.each().iter().map(Value::as_known);
        match field.key.as_str() {
            "prefix" => values.any(|start| start.is_none_or(|start| event_type.starts_with(start))),
            "suffix" => values.any(|end| end.is_none_or(|end| event_type.ends_with(end))),
            "equals-ignore-case" => {
                values.any(|name| name.is_none_or(|name| name.eq_ignore_ascii_case(event_type)))
            }
            "anything-but" => values.all(|name| name != Some(event_type)),
            _ => true,
        }
    })
}
