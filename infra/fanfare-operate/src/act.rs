//! One action on dead letters, from its audit record to its report.

use crate::audit::AuditLog;
use crate::batches::{ENTRIES, PARALLEL};
use crate::edit::{Edited, edit};
use crate::outgoing::{Outgoing, chunks};
use crate::pace::Pace;
use crate::pass::{Manner, Pass};
use crate::reasons::Reasons;
use crate::returned::Returned;
use crate::step::{End, Step};
use crate::who::Who;
use crate::{
    Action, AuditRecord, AuditedMessage, Connection, DeadLetter, DeadLetterQueue, Editor,
    OperateError, Outcome, Progress, Selection, Stop,
};
use fanfare_bootstrap::ErrorChain;
use fanfare_event::Timestamp;
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Failures that a report tells of one by one.
const TOLD: usize = 100;

/// What is not known of dead letters when the answer to their batch does not come.
const MAY_BE_SENT: &str =
    ". What was on its way may have been sent as well: its consumer ignores the second copy";

/// What became of how many dead letters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Looked at.
    pub read: u64,
    /// Meant by the selection.
    pub selected: u64,
    /// Sent back to their queue.
    pub sent: u64,
    /// Of these, edited before.
    pub edited: u64,
    /// Deleted from the dead-dead letter queue.
    pub deleted: u64,
    /// Left alone by the operator, in the editor.
    pub skipped: u64,
    /// Left alone because they were sent back in this very action and have failed again.
    pub came_back: u64,
    /// Not dealt with: in the dead-dead letter queue still. Those whose batch SQS did not answer for may have been sent as
    /// well, and their consumers ignore the second copy.
    pub failed: u64,
    /// Sent and not deleted: in both places. Their consumers ignore the second copy.
    pub doubled: u64,
}

/// A dead letter that something went wrong with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    /// Its id in the dead-dead letter queue.
    pub message_id: String,
    /// What went wrong.
    pub reason: String,
}

/// What an action came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The id of its record in the audit table, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<String>,
    /// Whose dead letters.
    pub consumer: String,
    /// The dead-dead letter queue.
    pub queue: String,
    /// What became of how many.
    pub counts: Counts,
    /// The first of those that something went wrong with.
    pub failures: Vec<Failed>,
    /// Letters that somebody else had received when it began: they were not looked at.
    pub in_flight_elsewhere: u64,
    /// Whether it was stopped before it had gone through the queue.
    pub interrupted: bool,
}

/// What is to be done.
pub(crate) struct Plan<'a> {
    pub(crate) action: Action,
    pub(crate) selection: &'a Selection,
    pub(crate) rate: Option<u32>,
    pub(crate) editor: Option<&'a dyn Editor>,
    pub(crate) why: Option<&'a str>,
    /// Whether it may go on where there is no audit table.
    pub(crate) unrecorded: bool,
    /// Whether to stop as soon as a dead letter that was sent back is here again.
    pub(crate) stop_on_return: bool,
}

/// An action under way.
pub(crate) struct Act<'a> {
    connection: &'a Connection,
    letters: &'a DeadLetterQueue,
    plan: &'a Plan<'a>,
    progress: &'a dyn Progress,
    stop: &'a Stop,
    log: AuditLog,
    record: AuditRecord,
    pace: Pace,
    pages: u32,
    counts: Counts,
    failures: Vec<Failed>,
    /// The contents that were acted on.
    acted_on: HashSet<[u8; 32]>,
    returned: Returned,
}

impl<'a> Act<'a> {
    /// Does it, all of it or until a stop is asked for, and puts it on record.
    pub(crate) async fn run(
        connection: &'a Connection,
        letters: &'a DeadLetterQueue,
        plan: &'a Plan<'a>,
        progress: &'a dyn Progress,
        stop: &'a Stop,
    ) -> Result<Report, OperateError> {
        let ledger = connection.ledger_if_any().await?;
        let log = connection.audit_log_for(plan).await?;
        let record = begin(letters, plan, Who::find(connection).await);
        log.begin(&record).await?;
        let mut act = Self {
            pace: Pace::new(plan.rate),
            pages: 0,
            counts: Counts::default(),
            failures: Vec::new(),
            acted_on: HashSet::new(),
            returned: Returned::new(ledger.clone(), &letters.consumer, record.started_at),
            connection,
            letters,
            plan,
            progress,
            stop,
            log,
            record,
        };
        let waiting = letters.queue.counts.waiting;
        progress.expect(waiting);
        let manner = Manner { letters: waiting, rate: plan.rate, by_hand: plan.editor.is_some() };
        let mut pass = Pass::new(&connection.sqs, &letters.queue.url, manner, stop);
        let went = act.go_through(&mut pass, Reasons::new(ledger, letters)).await;
        pass.release().await;
        act.end(went).await
    }

    async fn go_through(
        &mut self,
        pass: &mut Pass<'_>,
        mut reasons: Reasons,
    ) -> Result<(), OperateError> {
        loop {
            let messages = pass.next().await?;
            if messages.is_empty() {
                return Ok(());
            }
            let letters = reasons.read(messages).await;
            self.counts.read += letters.len() as u64;
            let selected = letters.iter().filter(|letter| self.plan.selection.takes(letter));
            let selected: Vec<&DeadLetter> = selected.collect();
            self.counts.selected += selected.len() as u64;
            match (self.plan.action, self.plan.editor) {
                (Action::Purge, _) => self.purge(&selected, pass).await?,
                (_, None) => {
                    let due: Vec<_> =
                        selected.into_iter().filter_map(|l| self.due(l, None)).collect();
                    self.send(&due, pass).await?;
                }
                (_, Some(editor)) => {
                    for letter in selected {
                        self.send_edited(letter, editor, pass).await?;
                    }
                }
            }
            self.progress.advance(letters.len() as u64);
        }
    }

    async fn purge(
        &mut self,
        letters: &[&DeadLetter],
        pass: &mut Pass<'_>,
    ) -> Result<(), OperateError> {
        for chunks in letters.chunks(ENTRIES * PARALLEL) {
            if self.stop.is_requested() {
                break;
            }
            let steps = chunks.chunks(ENTRIES).map(|chunk| Step::delete(chunk, self.next_page()));
            let steps: Vec<_> = steps.collect();
            self.take(steps, pass).await?;
        }
        Ok(())
    }

    fn next_page(&mut self) -> u32 {
        self.pages += 1;
        self.pages - 1
    }

    async fn send_edited(
        &mut self,
        letter: &DeadLetter,
        editor: &dyn Editor,
        pass: &mut Pass<'_>,
    ) -> Result<(), OperateError> {
        if self.stop.is_requested() {
            return Ok(());
        }
        let body = match edit(letter, editor)? {
            Edited::Unchanged => None,
            Edited::Changed(body) => Some(body),
            Edited::Skipped => {
                self.counts.skipped += 1;
                return Ok(());
            }
            Edited::Invalid(reason) => {
                self.failed(letter, reason);
                return Ok(());
            }
        };
        let due: Vec<_> = self.due(letter, body).into_iter().collect();
        self.send(&due, pass).await
    }

    /// What is to be sent for a dead letter; `None` when it has to stay.
    fn due<'b>(&mut self, letter: &'b DeadLetter, edited: Option<String>) -> Option<Outgoing<'b>>
    where
        'a: 'b,
    {
        if self.came_back(letter) {
            self.counts.came_back += 1;
            if self.plan.stop_on_return {
                self.stop.request();
            }
            return None;
        }
        let Some(source) = self.letters.source_of(letter) else {
            self.failed(letter, "it does not say which of the queues it came from".to_owned());
            return None;
        };
        Some(Outgoing::new(letter, &source.url, edited, &self.record.id))
    }

    /// Whether a dead letter is one that was sent back in this very action. Without that, what fails at once would go
    /// round for ever.
    fn came_back(&mut self, letter: &DeadLetter) -> bool {
        let is_new = letter.sent_at.is_none_or(|at| at >= self.record.started_at);
        // This machine's clock may differ from the queue's: more than there were is no longer believed.
        let is_more = self.counts.sent >= self.letters.queue.counts.waiting;
        !self.acted_on.insert(letter.content()) && (is_new || is_more)
    }

    async fn send(
        &mut self,
        due: &[Outgoing<'_>],
        pass: &mut Pass<'_>,
    ) -> Result<(), OperateError> {
        let most = self.plan.rate.map_or(usize::MAX, |rate| rate.max(1) as usize);
        let at_once = if self.plan.rate.is_some() { 1 } else { PARALLEL };
        for chunks in chunks(due, most).chunks(at_once) {
            self.pace.wait(chunks.iter().map(Vec::len).sum(), self.stop).await;
            if self.stop.is_requested() {
                break;
            }
            let steps = chunks.iter().map(|chunk| Step::send(chunk, self.next_page()));
            let steps: Vec<_> = steps.collect();
            self.take(steps, pass).await?;
            if self.plan.stop_on_return {
                chunks.iter().for_each(|chunk| self.returned.sent(chunk));
                self.stop_if_returned().await;
            }
        }
        Ok(())
    }

    async fn stop_if_returned(&mut self) {
        let returned = self.returned.count().await;
        if returned > 0 {
            self.counts.came_back += returned;
            self.stop.request();
        }
    }

    /// Takes steps, all at once, and notes what came of each.
    async fn take(
        &mut self,
        steps: Vec<Step<'_>>,
        pass: &mut Pass<'_>,
    ) -> Result<(), OperateError> {
        let url = &self.letters.queue.url;
        let (sqs, log, id) = (&self.connection.sqs, &self.log, &self.record.id);
        let held = &*pass;
        let ends = join_all(steps.iter().map(|step| step.take(sqs, url, log, id, held))).await;
        let mut stopped = None;
        for end in ends {
            let End { sent, edited, deleted, failed, doubled, error } = end;
            self.counts.sent += sent;
            self.counts.edited += edited;
            self.counts.deleted += deleted.len() as u64;
            self.counts.failed += failed.len() as u64;
            self.counts.doubled += doubled.len() as u64;
            deleted.iter().for_each(|id| pass.deleted(id));
            self.failures.extend(failed.into_iter().chain(doubled));
            stopped = stopped.or(error);
        }
        self.failures.truncate(TOLD);
        match stopped {
            Some(source) => {
                let doubt = match self.plan.action {
                    Action::Purge => "",
                    _ => MAY_BE_SENT,
                };
                Err(OperateError::Stopped { done: self.counts.deleted, doubt, source })
            }
            None => Ok(()),
        }
    }

    fn failed(&mut self, letter: &DeadLetter, reason: String) {
        self.counts.failed += 1;
        if self.failures.len() < TOLD {
            self.failures.push(Failed { message_id: letter.message_id.clone(), reason });
        }
    }

    /// Completes the record, and reports.
    async fn end(mut self, went: Result<(), OperateError>) -> Result<Report, OperateError> {
        let interrupted = self.stop.is_requested();
        self.record.outcome = match &went {
            Err(_) => Outcome::Failed,
            Ok(()) if interrupted => Outcome::Interrupted,
            Ok(()) => Outcome::Done,
        };
        self.record.error = went.as_ref().err().map(|error| ErrorChain(error).to_string());
        self.record.ended_at = Some(Timestamp::now());
        self.record.counts = self.counts;
        if let Err(error) = self.log.end(&self.record).await {
            let id = &self.record.id;
            tracing::warn!("audit record {id} stays without its end: {}", ErrorChain(&error));
        }
        went?;
        Ok(Report {
            audit: self.log.is_kept().then_some(self.record.id),
            consumer: self.record.consumer,
            queue: self.record.queue,
            counts: self.counts,
            failures: self.failures,
            in_flight_elsewhere: self.letters.queue.counts.in_flight,
            interrupted,
        })
    }
}

/// The record of an action that is about to begin.
fn begin(letters: &DeadLetterQueue, plan: &Plan<'_>, who: Who) -> AuditRecord {
    let targets = match plan.action {
        Action::Redrive => letters.sources.iter().map(|queue| queue.name.clone()).collect(),
        _ => Vec::new(),
    };
    AuditRecord {
        queue: letters.queue.name.clone(),
        targets,
        selection: plan.selection.clone(),
        edit: plan.editor.is_some(),
        why: plan.why.map(str::to_owned),
        ..AuditRecord::begun(plan.action, &letters.consumer, who)
    }
}

/// How a dead letter is listed in the audit table.
pub(crate) fn listed(letter: &DeadLetter, original_parts: Option<usize>) -> AuditedMessage {
    AuditedMessage {
        message_id: letter.message_id.clone(),
        event_id: letter.event_id().map(str::to_owned),
        event_type: letter.event_type().map(str::to_owned),
        group: letter.cause().group(),
        original_parts,
    }
}
