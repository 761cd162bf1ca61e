//! A consumer's queue, and what it subscribes to.

use crate::error::{HistoryError, aws};
use fanfare_event_store::Filter;
use fanfare_operate::Connection;
use serde_json::{Map, Value};

/// A consumer as SNS knows it.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) consumer: String,
    pub(super) queue_url: String,
    /// The event types that it hears of; `None`: all.
    types: Option<Vec<String>>,
}

impl Listener {
    /// Finds a consumer's queue by its name, and its subscription by the queue.
    ///
    /// # Errors
    /// [`HistoryError::Stack`]; `Subscription`; `Aws`.
    pub(super) async fn find(stack: &Connection, consumer: &str) -> Result<Self, HistoryError> {
        let queue = stack.queue_of(consumer).await?;
        let unclear =
            |what: String| HistoryError::Subscription { consumer: consumer.to_owned(), what };
        let subscription = subscription(stack, &queue.arn).await?;
        let subscription =
            subscription.ok_or_else(|| unclear("subscribes to nothing".to_owned()))?;
        let ask = stack.sns().get_subscription_attributes().subscription_arn(subscription);
        let answer = ask.send().await.map_err(aws("asking for the subscription's attributes"))?;
        let policy = answer.attributes.unwrap_or_default().remove("FilterPolicy");
        let types = policy.as_deref().map(types).transpose().map_err(unclear)?;
        Ok(Self { consumer: consumer.to_owned(), queue_url: queue.url, types })
    }

    /// The filter with the types that the consumer hears of, as SNS would filter.
    ///
    /// # Errors
    /// [`HistoryError::Asked`] when a type is asked for that it does not hear of.
    pub(super) fn heard(&self, filter: &Filter) -> Result<Filter, HistoryError> {
        let Some(heard) = &self.types else { return Ok(filter.clone()) };
        let asked = filter.types.iter().flatten();
        if let Some(unheard) = asked.clone().find(|asked| !heard.contains(asked)) {
            return Err(HistoryError::Asked(format!(
                "{} does not subscribe to {unheard}; it does to {}",
                self.consumer,
                heard.join(", ")
            )));
        }
        let types = filter.types.clone().unwrap_or_else(|| heard.clone());
        Ok(Filter { types: Some(types), ..filter.clone() })
    }
}

/// The subscription that fills a queue.
async fn subscription(stack: &Connection, queue_arn: &str) -> Result<Option<String>, HistoryError> {
    let mut all = stack.sns().list_subscriptions().into_paginator().items().send();
    while let Some(subscription) = all.next().await {
        let subscription = subscription.map_err(aws("listing the subscriptions"))?;
        if subscription.endpoint() == Some(queue_arn) {
            return Ok(subscription.subscription_arn);
        }
    }
    Ok(None)
}

/// The event types that a filter policy lets through.
fn types(policy: &str) -> Result<Vec<String>, String> {
    let unclear = || {
        format!(
            "has a filter policy other than a list of event types, which can't be followed: {policy}"
        )
    };
    let policy: Map<String, Value> = serde_json::from_str(policy).map_err(|_| unclear())?;
    let mut keys = policy.into_iter();
    match (keys.next(), keys.next()) {
        (Some((key, Value::Array(types))), None) if key == "eventType" => {
            let text = |value: Value| value.as_str().map(str::to_owned).ok_or_else(unclear);
            types.into_iter().map(text).collect()
        }
        _ => Err(unclear()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_types_is_followed_and_any_other_policy_refused() {
        assert_eq!(types(r#"{"eventType":["A","B"]}"#), Ok(vec!["A".to_owned(), "B".to_owned()]));
        for policy in [
            r#"{"eventType":[{"prefix":"Order"}]}"#,
            r#"{"eventType":["A"],"source":["api"]}"#,
            r#"{"source":["api"]}"#,
            "{}",
            "",
        ] {
            types(policy).expect_err(policy);
        }
    }
}
