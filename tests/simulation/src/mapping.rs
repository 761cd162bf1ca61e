//! Event-source mappings: from a queue to a function, with Lambda's rules.

use crate::cloud::{Cloud, Pair};
use crate::crash::{Fate, Fated};
use crate::faults::Fault;
use crate::function::Function;
use crate::mutants::Mutant;
use crate::queues::{Message, Origin};
use crate::services::Services;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// Seconds that one invocation may take: `FunctionTimeout` in the template.
pub(crate) const FUNCTION_TIMEOUT: Duration = Duration::from_secs(10);

/// One of the pollers of a queue: there are as many as there may be invocations at once.
pub(crate) struct Poller {
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) services: Services,
    pub(crate) consumer: &'static str,
    pub(crate) slot: u64,
}

impl Poller {
    /// Polls until the run is over.
    pub(crate) async fn run(self) {
        let mut function = None;
        let mut started = 0_u64;
        while !self.cloud.is_over() {
            let pair = self.pair();
            let most = pair.batch_size;
            let most = self.cloud.chance.between(1..=most).max(self.cloud.chance.between(1..=most));
            let most = usize::try_from(most).unwrap_or(1);
            let batch = pair.queue.receive(&self.cloud, most, &pair.dead_letters);
            if batch.is_empty() {
                pair.queue.wait(&self.cloud).await;
                continue;
            }
            let busy = self.cloud.busy();
            // A deployment replaces what runs.
            let running = function
                .take()
                .filter(|running: &Function| !running.is_old || !self.cloud.is_deployed());
            let running = running.unwrap_or_else(|| {
                started += 1;
                let id = format!("{}.{}.{started}", self.consumer, self.slot);
                Function::start(&self.cloud, &self.services, self.consumer, &id)
            });
            if self.invoke(&running, &batch).await {
                function = Some(running);
            }
            drop(busy);
        }
    }

    fn pair(&self) -> &Pair {
        self.cloud.pair(self.consumer)
    }

    /// Invokes the function with a batch. Gives whether its environment lives on.
    async fn invoke(&self, function: &Function, batch: &[Message]) -> bool {
        let (faults, chance) = (&self.cloud.faults, self.cloud.faults.chance());
        let deadline = function.caller.clock.now() + FUNCTION_TIMEOUT;
        let stall = faults.strike(Fault::Overrun).then(|| {
            let after = Duration::from_millis(chance.magnitude(1..=1_000));
            (after, chance.millis(20_000..=150_000))
        });
        let polls = faults.would_strike(Fault::CrashAtPoll).then(|| chance.magnitude(1..=100));
        let hangs = faults.would_strike(Fault::TimeOut).then(|| chance.magnitude(1..=100));
        let dies_at = faults.would_strike(Fault::CrashAtTime).then(|| chance.magnitude(1..=20_000));
        let invocation = function.caller.begin(deadline, stall.is_some());
        let lives = Duration::from_millis(dies_at.unwrap_or(u64::MAX >> 1));
        // A stalled machine's time is over as soon as it goes on, but for a moment.
        let time = FUNCTION_TIMEOUT + stall.map_or(Duration::ZERO, |(_, length)| length);
        let ids: Vec<_> = batch.iter().map(|message| message.id.as_str()).collect();
        self.cloud.history.note(format!("{} gets {}", invocation.name, ids.join(",")));
        let handled = function.handle(self.event(batch, function), deadline);
        let end = tokio::select! {
            biased;
            response = Fated::new(Fate { polls, hangs, stall }, handled) => match response {
                Some(response) => Ok(response),
                None => Err(Some(Fault::CrashAtPoll)),
            },
            () = function.caller.death() => Err(Some(Fault::Killer)),
            () = sleep(lives) => Err(Some(Fault::CrashAtTime)),
            () = sleep(time) => Err(hangs.map(|_| Fault::TimeOut)),
        };
        self.cloud.costs.add(&self.cloud.history, &invocation, batch.len());
        match end {
            Ok(response) => {
                self.cloud.history.note(format!("{} ends", invocation.name));
                self.apply(batch, &response);
                true
            }
            Err(fault) => {
                // A clock that is put right meanwhile makes the deadline another.
                if fault.is_none() && stall.is_none() && !invocation.skewed {
                    let late = format!("{} outlasted its time", invocation.name);
                    self.cloud.history.violation(late);
                }
                invocation.trouble();
                if let Some(fault) = fault {
                    faults.count(fault);
                }
                self.cloud.history.note(format!("{} dies of {fault:?}", invocation.name));
                false
            }
        }
    }

    /// Deletes what was handled. A response that names a message that was not in the batch makes the
    /// whole batch failed.
    fn apply(&self, batch: &[Message], response: &SqsBatchResponse) {
        let failed = response.batch_item_failures.iter().map(|f| f.item_identifier.as_str());
        let failed: BTreeSet<&str> = failed.collect();
        let known = failed.iter().all(|id| batch.iter().any(|message| message.id == *id));
        if !known {
            self.cloud.history.violation(format!("{} failed unknown messages", self.consumer));
            return;
        }
        for message in batch.iter().filter(|message| !failed.contains(message.id.as_str())) {
            if !self.cloud.faults.strike(Fault::LostDelete) {
                self.pair().queue.delete(message.receipt.as_deref().unwrap_or_default());
            }
        }
    }

    /// A batch as Lambda hands it to a function.
    fn event(&self, batch: &[Message], function: &Function) -> SqsEvent {
        let records = batch.iter().map(|message| match function.is_old {
            true => self.as_an_old_build_reads_it(message),
            false => self.record(message),
        });
        let records: Value = records.collect();
        serde_json::from_value(json!({"Records": records})).expect("an event of SQS")
    }

    /// A message as it is to a build that a deployment is about to replace, while newer ones write already: every other
    /// event is of a version that it does not know.
    fn as_an_old_build_reads_it(&self, message: &Message) -> Value {
        let mut record = self.record(message);
        // All copies of an event are of one version. What comes in two contents is known by its body, which is not to
        // change then.
        let is_even = |id: &str| id.bytes().next_back().is_some_and(|byte| byte % 2 == 0);
        let is_newer = match &message.origin {
            Origin::Event(id) => is_even(id) && !self.pair().queue.is_tampered_with(id),
            _ => false,
        };
        let Ok(mut event) = serde_json::from_str::<Value>(&message.body) else { return record };
        if !is_newer || event["eventId"].is_null() {
            return record;
        }
        self.cloud.faults.count(Fault::OldBuild);
        event["schemaVersion"] = 99.into();
        let body = event.to_string();
        self.pair().queue.give_otherwise(body.clone(), &message.body);
        record["body"] = body.into();
        if self.cloud.mutant == Some(Mutant::Grace) {
            let long_ago = message.first_received_at - 2 * 60 * 60 * 1000;
            record["attributes"]["ApproximateFirstReceiveTimestamp"] = long_ago.to_string().into();
        }
        record
    }

    fn record(&self, message: &Message) -> Value {
        let mut record = json!({
            "messageId": message.id,
            "receiptHandle": message.receipt,
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": message.receive_count.to_string(),
                "SentTimestamp": message.sent_at.to_string(),
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": message.first_received_at.to_string(),
            },
            "messageAttributes": attributes(message),
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:eu-west-1:000000000000:{}", self.consumer),
            "awsRegion": "eu-west-1",
        });
        if let Some(group) = &message.group {
            record["attributes"]["MessageGroupId"] = group.as_str().into();
        }
        record
    }
}

/// A message's attributes as Lambda has them, from what SendMessage had.
fn attributes(message: &Message) -> Value {
    let attributes = message.attributes.as_object().into_iter().flatten();
    let renamed = attributes.map(|(name, value)| {
        let value = json!({"stringValue": value["StringValue"], "dataType": value["DataType"]});
        (name.clone(), value)
    });
    renamed.collect()
}
