//! A consumer's queue, and what it subscribes to.

use crate::error::{HistoryError, aws};
use crate::names::{consumer_of_queue, logical_id};
use crate::stack::Stack;
use aws_sdk_sqs::types::QueueAttributeName;
use event_store::Filter;
use serde_json::{Map, Value};

/// Queues in one page of the list; without it there are no further pages
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html>).
const PAGE: i32 = 1000;

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
    /// [`HistoryError::NoConsumer`]; `Subscription`; `Aws`.
    pub(super) async fn find(stack: &Stack, consumer: &str) -> Result<Self, HistoryError> {
        let queue_url = queue(stack, consumer).await?;
        let ask = stack.sqs.get_queue_attributes().queue_url(&queue_url);
        let answer = ask.attribute_names(QueueAttributeName::QueueArn).send().await;
        let attributes = answer.map_err(aws("asking for the queue's ARN"))?.attributes;
        let arn = attributes.unwrap_or_default().remove(&QueueAttributeName::QueueArn);
        let unclear =
            |what: String| HistoryError::Subscription { consumer: consumer.to_owned(), what };
        let subscription = subscription(stack, &arn.unwrap_or_default()).await?;
        let subscription =
            subscription.ok_or_else(|| unclear("subscribes to nothing".to_owned()))?;
        let ask = stack.sns.get_subscription_attributes().subscription_arn(subscription);
        let answer = ask.send().await.map_err(aws("asking for the subscription's attributes"))?;
        let policy = answer.attributes.unwrap_or_default().remove("FilterPolicy");
        let types = policy.as_deref().map(types).transpose().map_err(unclear)?;
        Ok(Self { consumer: consumer.to_owned(), queue_url, types })
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

async fn queue(stack: &Stack, consumer: &str) -> Result<String, HistoryError> {
    let list = stack.sqs.list_queues().queue_name_prefix(format!("{}-", stack.name));
    let mut urls = list.max_results(PAGE).into_paginator().items().send();
    let mut known = Vec::new();
    while let Some(url) = urls.next().await {
        let url = url.map_err(aws("listing the queues"))?;
        let name = url.rsplit('/').next().unwrap_or_default();
        let owner = logical_id(name, &stack.name).and_then(consumer_of_queue);
        match owner {
            Some(owner) if owner == consumer => return Ok(url),
            owner => known.extend(owner),
        }
    }
    known.sort();
    Err(HistoryError::NoConsumer { name: consumer.to_owned(), known: known.join(", ") })
}

/// The subscription that fills a queue.
async fn subscription(stack: &Stack, queue_arn: &str) -> Result<Option<String>, HistoryError> {
    let mut all = stack.sns.list_subscriptions().into_paginator().items().send();
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
