//! Sending dead letters back to the queue that they came from.

use crate::act::{Act, Plan};
use crate::dead_letter_queue::ADVICE;
use crate::inspect::Groups;
use crate::{
    Action, Connection, DeadLetterQueue, Editor, Group, OperateError, Progress, Report, Selection,
    Stop,
};
use serde::Serialize;

/// Which dead letters go back, and how.
#[derive(Default)]
pub struct Redrive<'a> {
    /// Which.
    pub selection: Selection,
    /// Letters a second at the most.
    pub rate: Option<u32>,
    /// Who mends each dead letter before it goes.
    pub editor: Option<&'a dyn Editor>,
    /// Why, for the record.
    pub why: Option<String>,
    /// Whether to go on where the stack has no audit table.
    pub unrecorded: bool,
    /// Whether to stop as soon as a dead letter that was sent back is here again: the cause is not mended then.
    pub stop_on_return: bool,
}

/// What a redrive would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRun {
    /// Whose dead letters.
    pub consumer: String,
    /// The dead-dead letter queue.
    pub queue: String,
    /// The queues that they would go to.
    pub targets: Vec<String>,
    /// Letters that would be sent.
    pub would_send: u64,
    /// Letters that would stay.
    pub would_stay: u64,
    /// Those that would be sent, by cause.
    pub groups: Vec<Group>,
    /// Letters that somebody else has received: they were not looked at.
    pub in_flight_elsewhere: u64,
}

impl Connection {
    /// Sends dead letters back: each is sent first and deleted after. Broken off, by a stop or by the end of the
    /// process, it has lost nothing, and is taken up again by calling it again.
    ///
    /// # Errors
    /// [`OperateError::NoSource`] when they came from no queue; [`OperateError::Stopped`] when SQS takes nothing
    /// any more; others when it can't begin.
    pub async fn redrive(
        &self,
        letters: &DeadLetterQueue,
        redrive: &Redrive<'_>,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Report, OperateError> {
        has_source(letters)?;
        let plan = Plan {
            action: Action::Redrive,
            selection: &redrive.selection,
            rate: redrive.rate,
            editor: redrive.editor,
            why: redrive.why.as_deref(),
            unrecorded: redrive.unrecorded,
            stop_on_return: redrive.stop_on_return,
        };
        Act::run(self, letters, &plan, progress, stop).await
    }

    /// What [`redrive`](Self::redrive) would do. Nothing is changed.
    ///
    /// # Errors
    /// As [`redrive`](Self::redrive).
    pub async fn dry_redrive(
        &self,
        letters: &DeadLetterQueue,
        selection: &Selection,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<DryRun, OperateError> {
        has_source(letters)?;
        let (mut groups, mut would_send, mut read) = (Groups::default(), 0, 0);
        let look = |letter: crate::DeadLetter| {
            read += 1;
            if selection.takes(&letter) && letters.source_of(&letter).is_some() {
                would_send += 1;
                groups.add(&letter);
            }
            Ok(true)
        };
        self.look_through(letters, progress, stop, look).await?;
        Ok(DryRun {
            consumer: letters.consumer.clone(),
            queue: letters.queue.name.clone(),
            targets: letters.sources.iter().map(|queue| queue.name.clone()).collect(),
            would_send,
            would_stay: read - would_send,
            groups: groups.into_list(),
            in_flight_elsewhere: letters.queue.counts.in_flight,
        })
    }
}

fn has_source(letters: &DeadLetterQueue) -> Result<(), OperateError> {
    match letters.sources.is_empty() {
        true => Err(OperateError::NoSource { consumer: letters.consumer.clone(), advice: ADVICE }),
        false => Ok(()),
    }
}
