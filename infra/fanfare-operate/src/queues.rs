//! The stack's queues, and how full they are.

use crate::error::aws;
use crate::names::{Names, last_part, owner_of_queue};
use crate::{Connection, DeadLetterQueue, OperateError};
use aws_sdk_sqs::types::QueueAttributeName;
use fanfare_template::roles::{Roles, StackDescription};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;

/// The type of queues in a template.
const QUEUE: &str = "AWS::SQS::Queue";
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
    /// The consumer that reads it, or else whose it is by its own name.
    pub owner: String,
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
    fn is_among(&self, letters: &[DeadLetterQueue]) -> bool {
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
    /// Every queue of the stack's template that is there, by its name in the template.
    ///
    /// # Errors
    /// As [`description`](Self::description); [`OperateError::Aws`]; [`OperateError::NoStack`] when there is none.
    pub async fn queues(&self) -> Result<Vec<Queue>, OperateError> {
        let description = self.description().await?;
        let urls = self.queue_urls(description).await?;
        let asked = stream::iter(urls)
            .map(|(logical_id, url)| self.queue(logical_id, url, &description.roles))
            .buffer_unordered(PARALLEL);
        let mut queues: Vec<Queue> = asked.try_collect().await?;
        if queues.is_empty() {
            return Err(OperateError::NoStack { stack: self.stack.clone() });
        }
        queues.sort_by(|one, other| one.logical_id.cmp(&other.logical_id));
        Ok(queues)
    }

    /// Where the queues are, by their names in the template.
    async fn queue_urls(
        &self,
        description: &StackDescription,
    ) -> Result<Vec<(String, String)>, OperateError> {
        let mut urls = Vec::new();
        let mut is_listed = false;
        for queue in description.of_kinds(&[QUEUE]) {
            match (&queue.url, &queue.name) {
                (Some(url), _) => urls.push((queue.logical_id.clone(), url.clone())),
                (None, Some(name)) => {
                    let url = self.queue_url(name).await?;
                    urls.extend(url.map(|url| (queue.logical_id.clone(), url)));
                }
                (None, None) => is_listed = true,
            }
        }
        if is_listed {
            urls.extend(self.listed_queue_urls(description).await?);
        }
        Ok(urls)
    }

    /// Where those queues are whose names were made up of the stack's.
    async fn listed_queue_urls(
        &self,
        description: &StackDescription,
    ) -> Result<Vec<(String, String)>, OperateError> {
        let list = self.sqs.list_queues().queue_name_prefix(format!("{}-", self.stack));
        let list = list.max_results(PAGE).into_paginator().items().send();
        let urls = list.collect::<Result<Vec<String>, _>>().await;
        let urls = urls.map_err(aws("listing the queues"))?;
        let names = Names::of(description);
        let is_unnamed = |id: &&str| description.resource(id).is_some_and(|r| r.name.is_none());
        let ours = urls.into_iter().filter_map(|url| {
            let logical_id = names.logical_id(last_part(&url)).filter(is_unnamed)?;
            Some((logical_id.to_owned(), url))
        });
        Ok(ours.collect())
    }

    /// Where a queue of this name is; `None`: there is none.
    async fn queue_url(&self, name: &str) -> Result<Option<String>, OperateError> {
        match self.sqs.get_queue_url().queue_name(name).send().await {
            Ok(answer) => Ok(answer.queue_url),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_queue_does_not_exist()) => {
                Ok(None)
            }
            Err(error) => Err(aws(format!("looking for queue {name}"))(error)),
        }
    }

    async fn queue(
        &self,
        logical_id: String,
        url: String,
        roles: &Roles,
    ) -> Result<Queue, OperateError> {
        let name = last_part(&url).to_owned();
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
            owner: roles
                .consumer_of(&logical_id)
                .map_or_else(|| owner_of_queue(&logical_id), |consumer| consumer.name.clone()),
            name,
            logical_id,
            url,
        })
    }

    /// The queue that a consumer reads.
    ///
    /// # Errors
    /// As [`queues`](Self::queues); [`OperateError::NoQueue`] when there is no such consumer; `NotDeployed`.
    pub async fn queue_of(&self, consumer: &str) -> Result<Queue, OperateError> {
        let roles = &self.description().await?.roles;
        let no_queue = || {
            let mut known: Vec<&str> = roles.consumers.iter().map(|c| c.name.as_str()).collect();
            known.sort_unstable();
            OperateError::NoQueue { name: consumer.to_owned(), known: known.join(", ") }
        };
        let wanted = &roles.consumer(consumer).ok_or_else(no_queue)?.queue;
        let mut queues = self.queues().await?.into_iter();
        queues.find(|queue| queue.logical_id == *wanted).ok_or_else(|| OperateError::NotDeployed {
            stack: self.stack.clone(),
            resource: wanted.clone(),
        })
    }

    /// How every consumer's queue stands.
    ///
    /// # Errors
    /// As [`queues`](Self::queues).
    pub async fn queue_lines(&self) -> Result<Vec<QueueLine>, OperateError> {
        let queues = self.queues().await?;
        let letters = DeadLetterQueue::among(&queues, &self.description().await?.roles);
        let all_of =
            |queue: &Queue| queue.counts.waiting + queue.counts.in_flight + queue.counts.delayed;
        let mut lines: Vec<QueueLine> = Vec::with_capacity(queues.len());
        for queue in queues.iter().filter(|queue| !queue.is_among(&letters)) {
            let dead = letters.iter().find(|l| Some(&l.queue.arn) == queue.dead_letters.as_ref());
            lines.push(QueueLine {
                consumer: queue.owner.clone(),
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
