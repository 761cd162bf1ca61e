//! The stack's queues, and how full they are.

use crate::error::aws;
use crate::names::{consumer_of_queue, logical_id};
use crate::{Connection, DeadLetters, OperateError};
use aws_sdk_sqs::types::QueueAttributeName;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;

/// Queues in one page of the list; without it there are no further pages
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html>).
const PAGE: i32 = 1000;
/// Queues that are asked at once.
const PARALLEL: usize = 8;

/// Messages of a queue, as far as SQS knows at the moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueCounts {
    /// Those that can be received.
    pub waiting: u64,
    /// Those that somebody has received and not deleted.
    pub in_flight: u64,
    /// Those that were sent with a delay which is not over.
    pub delayed: u64,
}

/// A queue of the stack.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Its name on the service.
    pub name: String,
    /// Its name in the template.
    pub logical_id: String,
    /// Where requests about it go.
    pub url: String,
    /// Its ARN.
    pub arn: String,
    /// How full it is.
    pub counts: QueueCounts,
    /// Seconds that a message is kept.
    pub retention: u64,
    /// The ARN of its dead-letter queue.
    pub(crate) dead_letters: Option<String>,
}

impl Queue {
    /// Whether it is one of these dead-letter queues.
    fn is_among(&self, letters: &[DeadLetters]) -> bool {
        letters.iter().any(|letters| letters.queue.arn == self.arn)
    }
}

/// How a consumer's queue and its dead-letter queue stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueLine {
    /// The consumer, or whose the queue is.
    pub consumer: String,
    /// The queue; absent for dead letters that come from none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// Its messages.
    #[serde(flatten)]
    pub counts: QueueCounts,
    /// The dead-letter queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letter_queue: Option<String>,
    /// Its messages, those that somebody has received included.
    pub dead: u64,
}

impl Connection {
    /// Every queue of the stack, by its name in the template.
    ///
    /// # Errors
    /// [`OperateError::Aws`]; [`OperateError::NoStack`] when there is none.
    pub async fn queues(&self) -> Result<Vec<Queue>, OperateError> {
        let list = self.sqs.list_queues().queue_name_prefix(format!("{}-", self.stack));
        let list = list.max_results(PAGE).into_paginator().items().send();
        let urls = list.collect::<Result<Vec<String>, _>>().await;
        let urls = urls.map_err(aws("listing the queues"))?;
        let ours = urls.into_iter().filter_map(|url| {
            let name = crate::names::last_part(&url).to_owned();
            let logical_id = logical_id(&name, &self.stack)?.to_owned();
            Some((name, logical_id, url))
        });
        let asked = stream::iter(ours.collect::<Vec<_>>())
            .map(|(name, logical_id, url)| self.queue(name, logical_id, url))
            .buffer_unordered(PARALLEL);
        let mut queues: Vec<Queue> = asked.try_collect().await?;
        if queues.is_empty() {
            return Err(OperateError::NoStack { stack: self.stack.clone() });
        }
        queues.sort_by(|one, other| one.logical_id.cmp(&other.logical_id));
        Ok(queues)
    }

    async fn queue(
        &self,
        name: String,
        logical_id: String,
        url: String,
    ) -> Result<Queue, OperateError> {
        let ask = self.sqs.get_queue_attributes().queue_url(&url);
        let answer = ask.attribute_names(QueueAttributeName::All).send().await;
        let attributes = answer.map_err(aws(format!("asking for the attributes of {name}")))?;
        let attributes = attributes.attributes.unwrap_or_default();
        let number = |name: QueueAttributeName| {
            attributes.get(&name).and_then(|n| n.parse::<u64>().ok()).unwrap_or_default()
        };
        Ok(Queue {
            counts: QueueCounts {
                waiting: number(QueueAttributeName::ApproximateNumberOfMessages),
                in_flight: number(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
                delayed: number(QueueAttributeName::ApproximateNumberOfMessagesDelayed),
            },
            retention: number(QueueAttributeName::MessageRetentionPeriod),
            dead_letters: dead_letters(&attributes),
            arn: attributes.get(&QueueAttributeName::QueueArn).cloned().unwrap_or_default(),
            name,
            logical_id,
            url,
        })
    }

    /// The queue that a consumer reads.
    ///
    /// # Errors
    /// As [`queues`](Self::queues); [`OperateError::NoQueue`].
    pub async fn queue_of(&self, consumer: &str) -> Result<Queue, OperateError> {
        let queues = self.queues().await?;
        let letters = DeadLetters::among(&queues);
        let mut known = Vec::with_capacity(queues.len());
        for queue in queues.into_iter().filter(|queue| !queue.is_among(&letters)) {
            let owner = consumer_of_queue(&queue.logical_id);
            if owner == consumer {
                return Ok(queue);
            }
            known.push(owner);
        }
        known.sort();
        Err(OperateError::NoQueue { name: consumer.to_owned(), known: known.join(", ") })
    }

    /// How every consumer's queue stands.
    ///
    /// # Errors
    /// As [`queues`](Self::queues).
    pub async fn queue_lines(&self) -> Result<Vec<QueueLine>, OperateError> {
        let queues = self.queues().await?;
        let letters = DeadLetters::among(&queues);
        let all_of =
            |queue: &Queue| queue.counts.waiting + queue.counts.in_flight + queue.counts.delayed;
        let mut lines: Vec<QueueLine> = Vec::with_capacity(queues.len());
        for queue in queues.iter().filter(|queue| !queue.is_among(&letters)) {
            let dead = letters.iter().find(|l| Some(&l.queue.arn) == queue.dead_letters.as_ref());
            lines.push(QueueLine {
                consumer: consumer_of_queue(&queue.logical_id),
                queue: Some(queue.name.clone()),
                counts: queue.counts,
                dead_letter_queue: dead.map(|letters| letters.queue.name.clone()),
                dead: dead.map_or(0, |letters| all_of(&letters.queue)),
            });
        }
        for orphan in letters.iter().filter(|letters| letters.sources.is_empty()) {
            lines.push(QueueLine {
                consumer: orphan.consumer.clone(),
                queue: None,
                counts: QueueCounts::default(),
                dead_letter_queue: Some(orphan.queue.name.clone()),
                dead: all_of(&orphan.queue),
            });
        }
        lines.sort_by(|one, other| one.consumer.cmp(&other.consumer));
        Ok(lines)
    }
}

/// The dead-letter queue that a redrive policy names
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html>).
fn dead_letters(attributes: &HashMap<QueueAttributeName, String>) -> Option<String> {
    let policy = attributes.get(&QueueAttributeName::RedrivePolicy)?;
    let policy: Value = serde_json::from_str(policy).ok()?;
    Some(policy.get("deadLetterTargetArn")?.as_str()?.to_owned())
}
