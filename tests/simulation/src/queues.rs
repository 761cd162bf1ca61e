//! SQS queues: visibility timeouts, receive counts, redrive to a dead-letter queue, and the groups of FIFO queues.

use crate::chance::Chance;
use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::function::MAX_TRIES;
use crate::mutants::Mutant;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// What the simulation knows about a message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// A copy of an event.
    Event(String),
    /// Nothing can be done with it.
    Poison,
    /// It has the id of this event, and other content.
    Tampered {
        event: String,
        /// Whether the true event was handled before it was sent: it can't win then.
        late: bool,
    },
}

/// A message in a queue.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) body: String,
    pub(crate) attributes: Value,
    pub(crate) origin: Origin,
    /// Its message group, in a FIFO queue.
    pub(crate) group: Option<String>,
    pub(crate) sent_at: i64,
    pub(crate) first_received_at: i64,
    pub(crate) receive_count: u32,
    pub(crate) receipt: Option<String>,
    /// Whether a consumer put it into this dead-letter queue itself.
    pub(crate) parked: bool,
    visible_at: Duration,
}

#[derive(Debug, Default)]
struct State {
    messages: BTreeMap<u64, Message>,
    sequence: u64,
    /// What was ever sent: a dead letter that a consumer writes is known by its body alone.
    sent: BTreeMap<String, Origin>,
    /// Bodies as an older build was given them, and as they were sent.
    given_otherwise: BTreeMap<String, String>,
    /// How many messages of an origin were handled and deleted.
    handled: BTreeMap<Origin, u64>,
    /// What was sent back from the dead-letter queue, behind what came after it.
    redriven: BTreeSet<Origin>,
    /// Events under whose id other content was sent.
    tampered: BTreeSet<String>,
    /// No message is visible before that, so that a poller need not look at each.
    earliest: Duration,
}

impl State {
    /// What pollers wait for, by what is there now. A message of a group waits for the last of it that is in flight.
    fn find_earliest(&mut self) {
        let mut groups: BTreeMap<&str, Duration> = BTreeMap::new();
        let mut earliest = Duration::MAX;
        for message in self.messages.values() {
            match &message.group {
                Some(group) => {
                    let last = groups.entry(group).or_default();
                    *last = message.visible_at.max(*last);
                }
                None => earliest = message.visible_at.min(earliest),
            }
        }
        self.earliest = groups.into_values().chain([earliest]).min().unwrap_or(Duration::MAX);
    }
}

/// One queue.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) name: String,
    state: Mutex<State>,
    arrived: Notify,
}

/// How long a received message stays hidden, and how often one is received: `VisibilityTimeout` and
/// the queues' `maxReceiveCount` in the template.
pub(crate) const VISIBILITY_TIMEOUT: Duration = Duration::from_secs(60);
pub(crate) const MAX_RECEIVE_COUNT: u32 = 1000;
/// Receives of one message that nothing excuses, an outage of twelve hours included: each is paid for.
const HOT_LOOP: u32 = 100;
/// How long a poller waits when there is no message at all: as good as for ever, since one that arrives wakes it.
const LONG_POLL: Duration = Duration::from_secs(24 * 60 * 60);

impl Queue {
    pub(crate) fn new(name: String) -> Arc<Self> {
        Arc::new(Self { name, state: Mutex::default(), arrived: Notify::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a message, visible after a delay. Gives its id.
    pub(crate) fn send(
        &self,
        cloud: &Cloud,
        body: String,
        attributes: Value,
        origin: Origin,
        delay: Duration,
    ) -> String {
        let id = cloud.id();
        self.state().sent.insert(body.clone(), origin.clone());
        let message = Message {
            id: id.clone(),
            body,
            attributes,
            origin,
            group: None,
            sent_at: cloud.time.now().as_millisecond(),
            first_received_at: 0,
            receive_count: 0,
            receipt: None,
            parked: false,
            visible_at: cloud.time.elapsed() + delay,
        };
        self.insert(message);
        id
    }

    /// Adds a message behind those of its group.
    pub(crate) fn send_in_order(&self, cloud: &Cloud, body: String, origin: Origin, group: &str) {
        let id = self.send(cloud, body, Value::Null, origin, Duration::ZERO);
        if let Some(message) = self.state().messages.values_mut().find(|m| m.id == id) {
            message.group = Some(group.to_owned());
        }
    }

    /// Whether it keeps the order of its groups.
    pub(crate) fn is_fifo(&self) -> bool {
        self.name.ends_with(".fifo")
    }

    fn insert(&self, message: Message) {
        let mut state = self.state();
        state.sequence += 1;
        state.earliest = message.visible_at.min(state.earliest);
        if let Origin::Tampered { event, .. } = &message.origin {
            state.tampered.insert(event.clone());
        }
        let sequence = state.sequence;
        state.messages.insert(sequence, message);
        self.arrived.notify_waiters();
    }

    /// An older build is given a message with another body than it was sent with.
    pub(crate) fn give_otherwise(&self, given: String, sent: &str) {
        self.state().given_otherwise.insert(given, sent.to_owned());
    }

    /// A consumer puts a message of `from` into this dead-letter queue. Gives its id.
    pub(crate) fn park(
        &self,
        cloud: &Cloud,
        body: String,
        attributes: Value,
        from: &Self,
    ) -> String {
        let sent = from.state().given_otherwise.get(&body).cloned();
        let error = attributes["fanfare.error"]["StringValue"].as_str().unwrap_or_default();
        if sent.is_some() && error.contains("with another content") {
            // A newer build has applied the event meanwhile. That its copies differ is this simulation's doing: in truth
            // an old build reads the same bytes, and the ledger knows them.
            return cloud.id();
        }
        let body = sent.unwrap_or(body);
        let origin = from.state().sent.get(&body).cloned().unwrap_or_else(|| {
            cloud.history.violation(format!("{} got a letter that nobody sent: {body}", self.name));
            Origin::Poison
        });
        let id = self.send(cloud, body, attributes, origin, Duration::ZERO);
        if let Some(message) = self.state().messages.values_mut().find(|m| m.id == id) {
            message.parked = true;
        }
        id
    }

    /// Receives visible messages, as many as there are up to `most`. One that was received too often
    /// already moves to the dead-letter queue instead.
    pub(crate) fn receive(&self, cloud: &Cloud, most: usize, dead_letters: &Self) -> Vec<Message> {
        let now = cloud.time.elapsed();
        let mut state = self.state();
        if state.earliest > now {
            return Vec::new();
        }
        // A group waits while one of its messages is in flight.
        let hidden = state.messages.values().filter(|m| m.group.is_some() && m.visible_at > now);
        let locked: BTreeSet<String> = hidden.filter_map(|m| m.group.clone()).collect();
        let is_free = |m: &Message| m.group.as_ref().is_none_or(|group| !locked.contains(group));
        let visible = state.messages.iter().filter(|(_, m)| m.visible_at <= now && is_free(m));
        let mut sequences: Vec<u64> = visible.map(|(sequence, _)| *sequence).collect();
        if sequences.len() > 1 && !self.is_fifo() && cloud.faults.strike(Fault::ReorderedDelivery) {
            cloud.faults.chance().draw(|random| random.shuffle(&mut sequences));
        }
        let mut received = Vec::new();
        for sequence in sequences {
            let Some(message) = state.messages.get_mut(&sequence) else { continue };
            let most_receives = match cloud.mutant {
                Some(Mutant::ReceivesAreTries) => MAX_TRIES,
                _ => MAX_RECEIVE_COUNT,
            };
            if message.receive_count >= most_receives {
                cloud
                    .history
                    .note(format!("{} moves {} to its dead letters", self.name, message.id));
                let letter = Message { receipt: None, visible_at: now, ..message.clone() };
                state.messages.remove(&sequence);
                dead_letters.insert(letter);
                continue;
            }
            if received.len() == most {
                break;
            }
            message.receive_count += 1;
            if message.receive_count == HOT_LOOP {
                let what = format!("{} was received {HOT_LOOP} times", message.body);
                cloud.history.violation(format!("a hot loop: {what}"));
            }
            if message.receive_count == 1 {
                message.first_received_at = cloud.time.now().as_millisecond();
            }
            message.receipt = Some(format!("{sequence}:{}", message.receive_count));
            let again = cloud.faults.strike(Fault::RedeliveryInFlight);
            let hidden = match again {
                true => cloud.faults.chance().millis(1..=3_000),
                false => VISIBILITY_TIMEOUT,
            };
            message.visible_at = now + hidden;
            received.push(message.clone());
        }
        state.find_earliest();
        received
    }

    /// Waits until there may be something to receive.
    pub(crate) async fn wait(&self, cloud: &Cloud) {
        let now = cloud.time.elapsed();
        let pause = self.state().earliest.saturating_sub(now).min(LONG_POLL);
        tokio::select! {
            biased;
            () = self.arrived.notified() => {}
            () = tokio::time::sleep(pause.max(Duration::from_millis(1))) => {}
        }
    }

    /// Deletes a handled message, if the receipt is its last one: SQS promises nothing for an older one.
    pub(crate) fn delete(&self, receipt: &str) {
        let mut state = self.state();
        let Some(sequence) = sequence_of(&state, receipt) else { return };
        if let Some(message) = state.messages.remove(&sequence) {
            *state.handled.entry(message.origin).or_default() += 1;
            if message.group.is_some() {
                state.find_earliest();
                self.arrived.notify_waiters();
            }
        }
    }

    /// Changes when a message becomes visible, if the receipt is its last one and it is in flight.
    pub(crate) fn change_visibility(&self, cloud: &Cloud, receipt: &str, seconds: u64) -> bool {
        let now = cloud.time.elapsed();
        let mut state = self.state();
        let sequence = sequence_of(&state, receipt);
        let message = sequence.and_then(|sequence| state.messages.get_mut(&sequence));
        match message {
            Some(message) if message.visible_at > now => {
                message.visible_at = now + Duration::from_secs(seconds);
                state.earliest = message.visible_at.min(state.earliest);
                self.arrived.notify_waiters();
                true
            }
            _ => false,
        }
    }

    /// How many messages there are, visible or not.
    pub(crate) fn len(&self) -> usize {
        self.state().messages.len()
    }

    /// Whether a copy of something was handled and deleted.
    pub(crate) fn has_handled(&self, origin: &Origin) -> bool {
        self.state().handled.contains_key(origin)
    }

    /// Whether something came back from the dead-letter queue, and so out of order.
    pub(crate) fn was_redriven(&self, origin: &Origin) -> bool {
        self.state().redriven.contains(origin)
    }

    /// Whether other content was sent under the id of an event.
    pub(crate) fn is_tampered_with(&self, event: &str) -> bool {
        self.state().tampered.contains(event)
    }

    /// Every body that was ever sent, and what it was.
    pub(crate) fn sent(&self) -> BTreeMap<String, Origin> {
        self.state().sent.clone()
    }

    /// The messages.
    pub(crate) fn messages(&self) -> Vec<Message> {
        self.state().messages.values().cloned().collect()
    }

    /// Takes these messages out.
    pub(crate) fn take(&self, these: impl Fn(&Message) -> bool) -> Vec<Message> {
        let mut state = self.state();
        let taken = state.messages.extract_if(.., |_, message| these(message));
        taken.map(|(_, message)| message).collect()
    }

    /// Takes a dead letter back, as if it were new.
    pub(crate) fn redrive(&self, cloud: &Cloud, letter: Message) {
        let visible_at = cloud.time.elapsed();
        self.state().redriven.insert(letter.origin.clone());
        self.insert(Message { receive_count: 0, parked: false, visible_at, ..letter });
    }
}

fn sequence_of(state: &State, receipt: &str) -> Option<u64> {
    let sequence = receipt.split_once(':')?.0.parse().ok()?;
    let message = state.messages.get(&sequence)?;
    (message.receipt.as_deref() == Some(receipt)).then_some(sequence)
}

/// Ids of messages.
pub(crate) fn id(chance: &Chance) -> String {
    format!("{:016x}", chance.draw(|random| random.u64(..)))
}
