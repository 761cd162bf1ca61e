//! What of a batch is tried while a circuit breaker is open.

use crate::backoff::ByAge;
use crate::batch::Runtime;
use crate::case::{End, Handled};
use crate::circuit_breaker::Admission;
use crate::message::Message;
use crate::process::TOGETHER;
use crate::time_left::TimeLeft;
use fanfare_event::Payload;
use std::time::Duration;

/// What the circuit breakers let through of some messages.
pub(crate) struct Admitted {
    pub(crate) tried: Vec<Message>,
    pub(crate) held: Vec<Message>,
    /// How long those stay away at least that are held back.
    pub(crate) after: Duration,
}

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Parts the messages that are to be tried now from the others: of a standard queue, those that do not fit beside
    /// them, or that a circuit breaker holds back.
    ///
    /// A probe that needed nothing of what was out of order proves nothing: then the next one is tried.
    pub(crate) fn admit(&self, mut messages: Vec<Message>) -> Admitted {
        let is_fifo = self.queue.is_fifo();
        let (probes, after) = match self.breakers.admission(self.now()) {
            Admission::All => {
                let most = if is_fifo { messages.len() } else { messages.len().min(TOGETHER) };
                let held = messages.split_off(most);
                return Admitted { tried: messages, held, after: Duration::ZERO };
            }
            Admission::Probe(after) => (1, after),
            Admission::Nothing(after) => (0, after),
        };
        let now = self.now();
        let (tried, held) = part(messages, is_fifo, probes, |message| message.is_overdue(now));
        Admitted { tried, held, after }
    }

    /// Returns messages untried because what every message needs is out of order.
    pub(crate) async fn hold_back(
        &self,
        messages: Vec<Message>,
        after: Duration,
        time: TimeLeft,
    ) -> Vec<String> {
        if messages.is_empty() {
            return Vec::new();
        }
        let untried = |message: Message| {
            let after = self.held_back_for(&message, after);
            Handled::new(message, None, End::held_back(after))
        };
        self.finish(messages.into_iter().map(untried).collect(), time).await
    }

    /// How long a message stays away whose dependency is out of order, and may be tried again after `pause`. Each return
    /// costs a receive, so that they must grow rare in a long outage.
    pub(crate) fn held_back_for(&self, message: &Message, pause: Duration) -> Duration {
        let age = message.age(self.now());
        self.committer.host.random(|random| ByAge::OUTAGE.delay(age, random).max(pause))
    }
}

/// Parts the messages that are tried all the same from those that are held back. Tried is what can't wait any longer,
/// and so many probes; but none, in a FIFO queue, behind one of its group that is held back.
fn part(
    messages: Vec<Message>,
    is_fifo: bool,
    mut probes: usize,
    is_overdue: impl Fn(&Message) -> bool,
) -> (Vec<Message>, Vec<Message>) {
    let (mut tried, mut held) = (Vec::new(), Vec::<Message>::new());
    for message in messages {
        let is_behind = is_fifo && held.iter().any(|before| before.group == message.group);
        match !is_behind && (probes > 0 || is_overdue(&message)) {
            true => {
                probes = probes.saturating_sub(1);
                tried.push(message);
            }
            false => held.push(message),
        }
    }
    (tried, held)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::message;

    const NEW: u32 = 1;
    const OLD: u32 = 8;

    /// Which of messages, each with its group and its receive count, are tried; those that are received for the eighth
    /// time can't wait.
    fn tried(is_fifo: bool, probes: usize, messages: &[(&str, u32)]) -> Vec<usize> {
        let of = |(n, (group, receive_count)): (usize, &(&str, u32))| Message {
            group: Some((*group).to_owned()),
            receive_count: *receive_count,
            ..message(&n.to_string(), String::new())
        };
        let messages = messages.iter().enumerate().map(of).collect();
        let (tried, _) = part(messages, is_fifo, probes, |message| message.receive_count >= OLD);
        tried.iter().filter_map(|message| message.id.parse().ok()).collect()
    }

    #[test]
    fn a_message_that_can_not_wait_any_longer_is_tried_whatever_the_breakers_say() {
        assert_eq!(tried(false, 0, &[("", NEW), ("", OLD), ("", NEW)]), [1]);
        assert_eq!(tried(false, 1, &[("", NEW), ("", OLD), ("", NEW)]), [0, 1]);
        assert_eq!(tried(false, 1, &[("", OLD), ("", NEW)]), [0], "it is the probe");
    }

    #[test]
    fn in_a_fifo_queue_none_is_tried_behind_one_of_its_group_that_is_held_back() {
        assert_eq!(tried(true, 0, &[("a", NEW), ("a", OLD), ("b", OLD)]), [2]);
    }
}
