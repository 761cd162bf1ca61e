//! One queue: its settings and its messages, under one lock. Nothing in here waits.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::input::SendMessageInput;
use rustack_sqs_model::output::SendMessageOutput;
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use super::backlog::{Backlog, sequence_number};
use super::deduplication::{Deduplication, First, Token};
use super::message::{Content, Stored, Visibility, md5_of, md5_of_attributes};
use super::settings::Settings;

/// One queue.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(super) name: String,
    pub(super) arn: Arc<str>,
    pub(super) url: String,
    /// In seconds since 1970.
    created: u64,
    state: Mutex<State>,
    /// Told whenever there may be something to receive.
    pub(super) changed: watch::Sender<()>,
}

/// What changes of a queue.
#[derive(Debug)]
pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) backlog: Backlog,
    pub(super) deduplication: Deduplication,
    pub(super) tags: BTreeMap<String, String>,
    /// When its settings were changed, in seconds since 1970.
    pub(super) modified: u64,
    /// Its URL leads nowhere any more.
    pub(super) is_deleted: bool,
}

/// What became of a send.
#[derive(Debug)]
pub(super) enum Accepted {
    New(Box<New>),
    /// It was sent before; this is what its sender was told.
    Repeat(SendMessageOutput),
}

/// A message that has its place in the queue, and is not in it yet.
#[derive(Debug)]
pub(super) struct New {
    pub(super) id: String,
    pub(super) content: Content,
    pub(super) delay: Duration,
    place: u64,
    token: Option<Token>,
}

impl Queue {
    pub(super) fn new(name: String, arn: String, url: String, settings: Settings) -> Self {
        let created = since_1970().as_secs();
        let state = State {
            backlog: Backlog::new(settings.is_fifo),
            settings,
            deduplication: Deduplication::default(),
            tags: BTreeMap::new(),
            modified: created,
            is_deleted: false,
        };
        let (arn, state) = (arn.into(), Mutex::new(state));
        Self { name, arn, url, created, state, changed: watch::Sender::new(()) }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A panic of another holder leaves the state usable, since the worst that it can be is a message too few in a lane, which
    /// the visibility timeout brings back.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a message its place, if it is one that the queue takes.
    pub(super) fn accept(&self, input: SendMessageInput) -> Result<Accepted, SqsError> {
        let now = Instant::now();
        let mut state = self.state();
        let delay = match input.delay_seconds.and_then(|seconds| u64::try_from(seconds).ok()) {
            Some(seconds) if !state.settings.is_fifo => Duration::from_secs(seconds),
            _ => state.settings.seconds("DelaySeconds"),
        };
        let content = Content::read(input, &state.settings)?;
        let scope = content.group.clone().filter(|_| state.settings.deduplicates_by_group());
        let token = content.deduplication.clone().map(|id| (scope, id));
        let first = token.as_ref().and_then(|token| state.deduplication.first(token, now));
        if let Some(First { id, place }) = first {
            return Ok(Accepted::Repeat(answer(&id, &content, Some(place))));
        }
        let (id, place) = (Uuid::new_v4().to_string(), state.backlog.next_place());
        if let Some(token) = &token {
            state.deduplication.note(token.clone(), First { id: id.clone(), place }, now);
        }
        Ok(Accepted::New(Box::new(New { id, content, delay, place, token })))
    }

    /// Lets receivers see a message, once its delay is over.
    pub(super) fn enqueue(&self, new: New) -> SendMessageOutput {
        let New { id, content, delay, place, .. } = new;
        let mut state = self.state();
        let sequence = state.settings.is_fifo.then_some(place);
        let output = answer(&id, &content, sequence);
        let stored = state.store(id, content, delay);
        state.backlog.add(place, stored);
        drop(state);
        self.changed.send_replace(());
        output
    }

    /// A message could not be kept, so that its sender is told it was not taken.
    pub(super) fn withdraw(&self, new: &New) {
        if let Some(token) = &new.token {
            self.state().deduplication.forget(token);
        }
    }

    /// Puts a message in that was in a queue before.
    pub(super) fn put(&self, message: Stored) {
        let mut state = self.state();
        let place = state.backlog.next_place();
        state.backlog.add(place, message);
        drop(state);
        self.changed.send_replace(());
    }

    /// The queue's attributes, all of them.
    pub(super) fn attributes(&self) -> BTreeMap<String, String> {
        let mut state = self.state();
        let counts = state.backlog.counts(Instant::now());
        let mut shown = state.settings.shown();
        let numbers = [
            ("ApproximateNumberOfMessages", counts.visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string()),
            ("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string()),
            ("CreatedTimestamp", self.created.to_string()),
            ("LastModifiedTimestamp", state.modified.to_string()),
            ("QueueArn", self.arn.to_string()),
        ];
        shown.extend(numbers.map(|(name, value)| (name.to_owned(), value)));
        shown
    }

    /// Changes attributes: all of these, or none.
    pub(super) fn set_attributes(
        &self,
        attributes: HashMap<String, String>,
    ) -> Result<(), SqsError> {
        let mut state = self.state();
        state.settings.change(attributes)?;
        state.modified = since_1970().as_secs();
        drop(state);
        self.changed.send_replace(());
        Ok(())
    }

    /// Forgets every message, and what it has taken lately.
    pub(super) fn purge(&self) {
        let mut state = self.state();
        state.backlog.clear();
        state.deduplication = Deduplication::default();
    }
}

impl State {
    /// A message as it begins its life in the queue.
    pub(super) fn store(&self, id: String, content: Content, delay: Duration) -> Stored {
        let now = Instant::now();
        Stored {
            id,
            content,
            visibility: match delay.is_zero() {
                true => Visibility::Visible,
                false => Visibility::Delayed(now + delay),
            },
            sent: millis(),
            expires: now + self.settings.seconds("MessageRetentionPeriod"),
            receives: 0,
            first_received: None,
            source_arn: None,
        }
    }
}

fn answer(id: &str, content: &Content, place: Option<u64>) -> SendMessageOutput {
    SendMessageOutput {
        message_id: Some(id.to_owned()),
        md5_of_message_body: Some(md5_of(content.body.as_bytes())),
        md5_of_message_attributes: md5_of_attributes(&content.attributes),
        md5_of_message_system_attributes: content.md5_of_system_attributes(),
        sequence_number: place.map(sequence_number),
    }
}

pub(super) fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// Now, in milliseconds since 1970.
pub(super) fn millis() -> u64 {
    u64::try_from(since_1970().as_millis()).unwrap_or(u64::MAX)
}
