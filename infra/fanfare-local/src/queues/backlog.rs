//! The messages of one queue, and which of them comes next.
//!
//! Messages lie in *lanes*: those of one message group together, in the order of sending, and those without a group in a lane of
//! their own. A FIFO queue gives nothing of a lane of which something is with a receiver, so that its order holds. A standard queue
//! passes over lanes that keep its receivers busy while others wait (fair queues). What comes next is found without
//! looking at the others, however many messages or lanes there are.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use rustack_sqs_model::error::{SqsError, SqsErrorCode};
use rustack_sqs_model::types::Message;
use tokio::time::Instant;

use super::message::{Stored, Visibility, Wanted, read_handle};

/// A group is noisy when it has more than this part of what is in flight, and at least so many messages.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html>
const NOISY: (usize, usize) = (10, 30);

type Group = Option<Arc<str>>;

/// The messages of one queue.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    is_fifo: bool,
    /// By the order in which they were sent.
    messages: BTreeMap<u64, Stored>,
    places: HashMap<String, u64>,
    lanes: HashMap<Group, Lane>,
    /// The first message of every lane that may be received from.
    heads: BTreeMap<u64, Group>,
    /// When something becomes visible again.
    waiting: BTreeSet<(Instant, u64)>,
    in_flight: usize,
    last_place: u64,
}

#[derive(Debug, Default)]
struct Lane {
    visible: BTreeSet<u64>,
    in_flight: usize,
    /// What it has in [`Backlog::heads`].
    head: Option<u64>,
}

/// What a receiver asks for.
#[derive(Debug)]
pub(super) struct Take<'a> {
    pub(super) most: usize,
    pub(super) visibility: Duration,
    /// What was received this often is a dead letter.
    pub(super) max_receives: Option<u32>,
    pub(super) wanted: &'a Wanted,
    /// In milliseconds since 1970.
    pub(super) at: u64,
}

/// What a receiver gets.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) received: Vec<Message>,
    /// What had been received too often, and is in the queue no more.
    pub(super) dead: Vec<Stored>,
}

/// How many messages there are of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) visible: usize,
    pub(super) in_flight: usize,
    pub(super) delayed: usize,
}

impl Backlog {
    pub(super) fn new(is_fifo: bool) -> Self {
        Self { is_fifo, ..Self::default() }
    }

    /// The place of the next message. What is added to it later comes in the order of places.
    pub(super) fn next_place(&mut self) -> u64 {
        self.last_place += 1;
        self.last_place
    }

    pub(super) fn add(&mut self, place: u64, message: Stored) {
        self.places.insert(message.id.clone(), place);
        match message.visibility {
            Visibility::Visible => self.show(place, message.content.group.clone()),
            Visibility::Delayed(until) | Visibility::InFlight(until) => {
                self.waiting.insert((until, place));
            }
        }
        self.messages.insert(place, message);
    }

    /// Takes the messages that come next.
    pub(super) fn take(&mut self, now: Instant, take: &Take<'_>) -> Taken {
        self.settle(now);
        let mut taken = Taken::default();
        while taken.received.len() < take.most {
            let Some(group) = self.next_lane() else { break };
            self.take_from(&group, now, take, &mut taken);
        }
        taken
    }

    /// One message of a standard queue's lane; of a FIFO queue's, as many as are asked for.
    fn take_from(&mut self, group: &Group, now: Instant, take: &Take<'_>, taken: &mut Taken) {
        while taken.received.len() < take.most {
            let first = self.lanes.get(group).and_then(|lane| lane.visible.first().copied());
            let Some(place) = first else { break };
            let Some(message) = self.messages.get_mut(&place) else { break };
            if take.max_receives.is_some_and(|most| message.receives >= most) {
                taken.dead.extend(self.remove(place));
                continue;
            }
            let until = now + take.visibility;
            message.receives += 1;
            message.first_received.get_or_insert(take.at);
            message.visibility = Visibility::InFlight(until);
            let sequence = self.is_fifo.then(|| sequence_number(place));
            taken.received.push(message.receipt(sequence, take.wanted));
            self.waiting.insert((until, place));
            self.hide(place, group, 1);
            if !self.is_fifo {
                break;
            }
        }
    }

    /// Deletes the message of a handle. Its id, if it was there.
    pub(super) fn delete(
        &mut self,
        handle: &str,
        now: Instant,
    ) -> Result<Option<String>, SqsError> {
        let (id, receives) = read_handle(handle).ok_or_else(SqsError::receipt_handle_is_invalid)?;
        self.settle(now);
        let Some(place) = self.places.get(&id).copied() else { return Ok(None) };
        // A standard queue takes every handle that it gave out; a FIFO queue may have given the message to somebody else meanwhile.
        if self.is_fifo && !self.is_current(place, receives) {
            return Err(expired(handle));
        }
        Ok(self.remove(place).map(|message| message.id))
    }

    /// Hides a message that is in flight for another time; for none: it is visible at once.
    pub(super) fn change_visibility(
        &mut self,
        handle: &str,
        visibility: Duration,
        now: Instant,
    ) -> Result<(), SqsError> {
        let (id, receives) = read_handle(handle).ok_or_else(SqsError::receipt_handle_is_invalid)?;
        self.settle(now);
        let Some(place) = self.places.get(&id).copied() else { return Err(unavailable(handle)) };
        if self.is_fifo && !self.is_current(place, receives) {
            return Err(expired(handle));
        }
        let Some(message) = self.messages.get_mut(&place) else { return Ok(()) };
        let Visibility::InFlight(until) = message.visibility else { return Ok(()) };
        self.waiting.remove(&(until, place));
        if visibility.is_zero() {
            self.come_back(place);
        } else {
            message.visibility = Visibility::InFlight(now + visibility);
            self.waiting.insert((now + visibility, place));
        }
        Ok(())
    }

    /// Forgets every message.
    pub(super) fn clear(&mut self) {
        *self = Self { is_fifo: self.is_fifo, last_place: self.last_place, ..Self::default() };
    }

    /// Takes the oldest visible message out, whatever its lane.
    pub(super) fn pop(&mut self, now: Instant) -> Option<Stored> {
        self.settle(now);
        let place = *self.heads.first_key_value()?.0;
        self.remove(place)
    }

    pub(super) fn counts(&mut self, now: Instant) -> Counts {
        self.settle(now);
        let visible = self.messages.len() - self.waiting.len();
        Counts { visible, in_flight: self.in_flight, delayed: self.waiting.len() - self.in_flight }
    }

    /// When something becomes visible by itself.
    pub(super) fn next_change(&self) -> Option<Instant> {
        self.waiting.first().map(|(at, _)| *at)
    }

    /// What time has done: delays and visibility timeouts that are over, messages that are too old. A message outlives its
    /// time while one that was sent before it lives.
    fn settle(&mut self, now: Instant) {
        while let Some((at, place)) = self.waiting.first().copied().filter(|(at, _)| *at <= now) {
            self.waiting.remove(&(at, place));
            self.come_back(place);
        }
        while let Some((place, _)) =
            self.messages.first_key_value().filter(|(_, m)| m.expires <= now)
        {
            let place = *place;
            self.remove(place);
        }
    }

    /// A message that waited is visible, where it was.
    fn come_back(&mut self, place: u64) {
        let Some(message) = self.messages.get_mut(&place) else { return };
        let was = std::mem::replace(&mut message.visibility, Visibility::Visible);
        let group = message.content.group.clone();
        if matches!(was, Visibility::InFlight(_)) {
            self.in_flight -= 1;
            self.lanes.entry(group.clone()).or_default().in_flight -= 1;
        }
        self.show(place, group);
    }

    fn show(&mut self, place: u64, group: Group) {
        self.lanes.entry(group.clone()).or_default().visible.insert(place);
        self.refresh(&group);
    }

    /// Takes a message out of what is visible; `in_flight` of it are with a receiver instead.
    fn hide(&mut self, place: u64, group: &Group, in_flight: usize) {
        if let Some(lane) = self.lanes.get_mut(group) {
            lane.visible.remove(&place);
            lane.in_flight += in_flight;
        }
        self.in_flight += in_flight;
        self.refresh(group);
    }

    fn remove(&mut self, place: u64) -> Option<Stored> {
        let message = self.messages.remove(&place)?;
        self.places.remove(&message.id);
        let group = message.content.group.clone();
        match message.visibility {
            Visibility::Visible => self.hide(place, &group, 0),
            Visibility::Delayed(until) => {
                self.waiting.remove(&(until, place));
            }
            Visibility::InFlight(until) => {
                self.waiting.remove(&(until, place));
                self.in_flight -= 1;
                if let Some(lane) = self.lanes.get_mut(&group) {
                    lane.in_flight -= 1;
                }
                self.refresh(&group);
            }
        }
        Some(message)
    }

    /// Puts a lane's first message where receivers look, or takes it away.
    fn refresh(&mut self, group: &Group) {
        let Some(lane) = self.lanes.get_mut(group) else { return };
        let is_open = !self.is_fifo || lane.in_flight == 0;
        let head = lane.visible.first().copied().filter(|_| is_open);
        if head != lane.head {
            if let Some(old) = lane.head {
                self.heads.remove(&old);
            }
            if let Some(new) = head {
                self.heads.insert(new, group.clone());
            }
            lane.head = head;
        }
        if lane.visible.is_empty() && lane.in_flight == 0 {
            self.lanes.remove(group);
        }
    }

    /// The lane with the oldest message, of those that leave something to the others; if there is none, of all.
    fn next_lane(&self) -> Option<Group> {
        let mut lanes = self.heads.values();
        // No more than nine groups can each have a tenth of what is in flight.
        let quiet = lanes.clone().find(|group| !self.is_noisy(group));
        quiet.or_else(|| lanes.next()).cloned()
    }

    fn is_noisy(&self, group: &Group) -> bool {
        let in_flight = self.lanes.get(group).map_or(0, |lane| lane.in_flight);
        let (part, least) = NOISY;
        group.is_some() && !self.is_fifo && in_flight >= least && in_flight * part > self.in_flight
    }

    fn is_current(&self, place: u64, receives: u32) -> bool {
        self.messages.get(&place).is_some_and(|message| {
            message.receives == receives && matches!(message.visibility, Visibility::InFlight(_))
        })
    }
}

/// The number that a FIFO queue gives a message: 20 digits, ascending.
pub(super) fn sequence_number(place: u64) -> String {
    format!("{}", 18_870_000_000_000_000_000_u128 + u128::from(place))
}

fn expired(handle: &str) -> SqsError {
    let reason = "Reason: The receipt handle has expired.";
    invalid_handle(handle, reason)
}

fn unavailable(handle: &str) -> SqsError {
    let reason =
        "Reason: Message does not exist or is not available for visibility timeout change.";
    invalid_handle(handle, reason)
}

fn invalid_handle(handle: &str, reason: &str) -> SqsError {
    let message = format!("Value {handle} for parameter ReceiptHandle is invalid. {reason}");
    SqsError::new(SqsErrorCode::InvalidParameterValue, message)
}
