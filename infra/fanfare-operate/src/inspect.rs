//! Looking at dead letters, which leaves them where they are.

use crate::pass::{Manner, Pass};
use crate::reasons::Reasons;
use crate::{
    Connection, DeadLetter, DeadLetterQueue, DeadLetterView, OperateError, Progress, Selection,
    Stop,
};
use fanfare_event::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Letters of one cause.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// What the group is called.
    pub group: String,
    /// The cause, with `*` for identifiers and `#` for numbers.
    pub cause: String,
    /// How many dead letters.
    pub count: u64,
    /// When the oldest was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<Timestamp>,
    /// When the newest was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest: Option<Timestamp>,
    /// The types of their events.
    pub event_types: BTreeSet<String>,
}

/// The dead letters of one consumer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Whose dead letters.
    pub consumer: String,
    /// The dead-dead letter queue.
    pub queue: String,
    /// Letters that were read.
    pub count: u64,
    /// Letters that somebody else has received: they were not read.
    pub in_flight_elsewhere: u64,
    /// When the oldest was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<Timestamp>,
    /// When SQS forgets the oldest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_expires: Option<Timestamp>,
    /// Whether they can go back to a queue.
    pub redrivable: bool,
    /// By cause, the most frequent first.
    pub groups: Vec<Group>,
    /// Whether it was stopped before all were read.
    pub interrupted: bool,
}

/// Letters in full.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    /// Those that were asked for, the oldest first.
    pub dead_letters: Vec<DeadLetterView>,
    /// How many there are of that kind.
    pub count: u64,
}

/// Letters by their causes.
#[derive(Default)]
pub(crate) struct Groups(BTreeMap<String, Group>);

impl Groups {
    pub(crate) fn add(&mut self, letter: &DeadLetter) {
        let group = self.0.entry(letter.cause().group()).or_insert_with_key(|name| Group {
            group: name.clone(),
            cause: letter.cause().as_str().to_owned(),
            count: 0,
            oldest: None,
            newest: None,
            event_types: BTreeSet::new(),
        });
        group.count += 1;
        group.oldest = group.oldest.into_iter().chain(letter.sent_at).min();
        group.newest = group.newest.into_iter().chain(letter.sent_at).max();
        group.event_types.extend(letter.event_type().map(str::to_owned));
    }

    /// The most frequent first.
    pub(crate) fn into_list(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.0.into_values().collect();
        groups.sort_by(|one, other| other.count.cmp(&one.count).then(one.group.cmp(&other.group)));
        groups
    }
}

impl Connection {
    /// Reads every letter of a dead-dead letter queue and groups them by cause.
    ///
    /// # Errors
    /// [`OperateError::Aws`].
    pub async fn summary(
        &self,
        letters: &DeadLetterQueue,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Summary, OperateError> {
        let (mut groups, mut count) = (Groups::default(), 0);
        let look = |letter: DeadLetter| {
            count += 1;
            groups.add(&letter);
            Ok(true)
        };
        self.look_through(letters, progress, stop, look).await?;
        let groups = groups.into_list();
        let oldest = groups.iter().filter_map(|group| group.oldest).min();
        let kept = i64::try_from(letters.queue.retention).unwrap_or(i64::MAX);
        let expires = oldest.and_then(|oldest| {
            Timestamp::from_second(oldest.as_second().saturating_add(kept)).ok()
        });
        Ok(Summary {
            consumer: letters.consumer.clone(),
            queue: letters.queue.name.clone(),
            count,
            in_flight_elsewhere: letters.queue.counts.in_flight,
            oldest,
            oldest_expires: expires,
            redrivable: !letters.sources.is_empty(),
            groups,
            interrupted: stop.is_requested(),
        })
    }

    /// The dead letters that are meant, in full, so many of them at the most.
    ///
    /// # Errors
    /// [`OperateError::Aws`].
    pub async fn show(
        &self,
        letters: &DeadLetterQueue,
        selection: &Selection,
        most: usize,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Shown, OperateError> {
        let mut shown: Vec<DeadLetterView> = Vec::new();
        let mut count = 0;
        let look = |letter: DeadLetter| {
            if selection.takes(&letter) {
                count += 1;
                if shown.len() < most {
                    shown.push(letter.view());
                }
            }
            // A message id is one dead letter's; an event id may be several's.
            Ok(!(selection.id.as_deref() == Some(letter.message_id()) && count > 0))
        };
        self.look_through(letters, progress, stop, look).await?;
        shown.sort_by_key(|letter| letter.sent_at);
        Ok(Shown { dead_letters: shown, count })
    }

    /// Reads every dead letter of a queue, as long as `look` wants to go on, and releases them.
    pub(crate) async fn look_through(
        &self,
        letters: &DeadLetterQueue,
        progress: &dyn Progress,
        stop: &Stop,
        mut look: impl FnMut(DeadLetter) -> Result<bool, OperateError>,
    ) -> Result<(), OperateError> {
        let mut reasons = Reasons::new(self.ledger_if_any().await?, letters);
        let waiting = letters.queue.counts.waiting;
        progress.expect(waiting);
        let manner = Manner { letters: waiting, rate: None, by_hand: false };
        let mut pass = Pass::new(&self.sqs, &letters.queue.url, manner, stop);
        let looked = async {
            loop {
                let messages = pass.next().await?;
                let count = messages.len() as u64;
                if messages.is_empty() {
                    return Ok(());
                }
                for letter in reasons.read(messages).await {
                    if !look(letter)? {
                        return Ok(());
                    }
                }
                progress.advance(count);
            }
        }
        .await;
        pass.release().await;
        looked
    }
}
