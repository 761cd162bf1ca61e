//! Once through a queue, without taking anything from it.

use crate::batches::{Receipt, release};
use crate::error::aws;
use crate::{OperateError, Stop};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use futures_util::future::join_all;
use std::collections::HashMap;

/// Messages in one receive at the most
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>).
const AT_ONCE: u64 = 10;
/// Receives under way at once, in a queue that is long enough.
const PARALLEL: u64 = 4;
/// Seconds that the last receive waits: a long poll asks every server, so that an empty answer is the end.
const WAIT: i32 = 1;
/// Letters a second that are got through at the very least, for how long messages are kept hidden.
const SLOWEST: u64 = 20;
/// Seconds that messages are kept hidden at the least and at the most
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>).
const HIDDEN: (u64, u64) = (60, 43_200);

/// How a queue is gone through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Letters that are there, as far as SQS knows.
    pub(crate) letters: u64,
    /// Letters a second, if there is a limit.
    pub(crate) rate: Option<u32>,
    /// Whether somebody thinks about each dead letter.
    pub(crate) by_hand: bool,
}

impl Manner {
    /// Seconds that a received message stays hidden: long enough to get through the queue before it comes
    /// back, short enough that it is back soon when this process is killed.
    fn hidden(self) -> i32 {
        let rate = self.rate.map_or(SLOWEST, |rate| u64::from(rate).clamp(1, SLOWEST));
        let needed = HIDDEN.0 + self.letters / rate;
        let needed = if self.by_hand { needed.max(60 * 60) } else { needed };
        i32::try_from(needed.min(HIDDEN.1)).unwrap_or(i32::MAX)
    }
}

/// Goes through the messages of a queue, each once, and holds them hidden until they are released. When the
/// process dies instead, they come back by their visibility timeout.
pub(crate) struct Pass<'a> {
    client: &'a Client,
    url: &'a str,
    stop: &'a Stop,
    manner: Manner,
    /// Every message seen, by its id: the receipt of one that is held, `None` for one that is deleted.
    seen: HashMap<String, Option<String>>,
}

impl<'a> Pass<'a> {
    pub(crate) fn new(client: &'a Client, url: &'a str, manner: Manner, stop: &'a Stop) -> Self {
        Self { client, url, stop, manner, seen: HashMap::new() }
    }

    /// The next messages; none at the end, or when a stop is asked for.
    pub(crate) async fn next(&mut self) -> Result<Vec<Message>, OperateError> {
        if self.stop.is_requested() {
            return Ok(Vec::new());
        }
        let mut fresh = self.receive().await?;
        // When all of them were seen before, the queue has come round: that is the end too.
        fresh.retain(|message| {
            let id = message.message_id.clone().unwrap_or_default();
            self.seen.insert(id, message.receipt_handle.clone()).is_none()
        });
        Ok(fresh)
    }

    async fn receive(&self) -> Result<Vec<Message>, OperateError> {
        let (parallel, at_once) = match self.manner.rate {
            Some(rate) => (1, u64::from(rate)),
            None if self.manner.by_hand => (1, 1),
            None => {
                let left = self.manner.letters.saturating_sub(self.seen.len() as u64);
                (left.div_ceil(AT_ONCE), AT_ONCE)
            }
        };
        let at_once = i32::try_from(at_once.clamp(1, AT_ONCE)).unwrap_or(1);
        let receive = || {
            self.client
                .receive_message()
                .queue_url(self.url)
                .max_number_of_messages(at_once)
                .wait_time_seconds(WAIT)
                .visibility_timeout(self.manner.hidden())
                .message_attribute_names("All")
                .message_system_attribute_names(MessageSystemAttributeName::All)
                .send()
        };
        let answers = join_all((0..parallel.clamp(1, PARALLEL)).map(|_| receive())).await;
        let mut messages = Vec::new();
        let mut failure = None;
        for answer in answers {
            match answer {
                Ok(answer) => messages.extend(answer.messages.unwrap_or_default()),
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            // What the others brought is held, and a queue that stays silent will say so again.
            Some(error) if messages.is_empty() => Err(aws("receiving from the queue")(error)),
            _ => Ok(messages),
        }
    }

    /// The receipt of a message that is held.
    pub(crate) fn receipt(&self, message_id: &str) -> Option<Receipt> {
        let handle = self.seen.get(message_id)?.clone()?;
        Some(Receipt { message_id: message_id.to_owned(), handle })
    }

    /// Notes that a message is deleted.
    pub(crate) fn deleted(&mut self, message_id: &str) {
        if let Some(handle) = self.seen.get_mut(message_id) {
            *handle = None;
        }
    }

    /// Lets go of every message that is held, so that others see it at once.
    pub(crate) async fn release(self) {
        let receipts = self
            .seen
            .into_iter()
            .filter_map(|(message_id, handle)| Some(Receipt { message_id, handle: handle? }));
        let receipts: Vec<Receipt> = receipts.collect();
        let hidden = release(self.client, self.url, &receipts).await;
        if hidden > 0 {
            let seconds = self.manner.hidden();
            tracing::warn!(
                "{hidden} letters could not be released; they come back by themselves within {seconds} seconds"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stay_hidden_as_long_as_the_way_through_the_queue_takes() {
        let manner = |letters, rate, by_hand| Manner { letters, rate, by_hand }.hidden();
        assert_eq!(manner(0, None, false), 60);
        assert_eq!(manner(10_000, None, false), 560);
        assert_eq!(manner(600, Some(2), false), 360);
        assert_eq!(manner(3, None, true), 3_600);
        assert_eq!(manner(10_000_000, Some(1), false), 43_200);
    }
}
