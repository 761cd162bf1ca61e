//! One request's worth of an action: listed in the audit table, sent, deleted, in this order.

use crate::act::listed;
use crate::audit::AuditLog;
use crate::batches::{self, Receipt};
use crate::outgoing::Outgoing;
use crate::pass::Pass;
use crate::{DeadLetter, Failed, OperateError};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BoxError;

/// A step to be taken.
pub(crate) struct Step<'a> {
    letters: Vec<&'a DeadLetter>,
    /// What is sent before the dead letters are deleted, one for each; empty: nothing is.
    outgoing: &'a [&'a Outgoing<'a>],
    page: u32,
}

/// What came of a step.
#[derive(Default)]
pub(crate) struct End {
    pub(crate) sent: u64,
    pub(crate) edited: u64,
    /// The ids of messages that are deleted.
    pub(crate) deleted: Vec<String>,
    pub(crate) failed: Vec<Failed>,
    pub(crate) doubled: Vec<Failed>,
    /// Why there is no point in going on.
    pub(crate) error: Option<BoxError>,
}

impl<'a> Step<'a> {
    /// Sends and deletes.
    pub(crate) fn send(outgoing: &'a [&'a Outgoing<'a>], page: u32) -> Self {
        Self { letters: outgoing.iter().map(|o| o.letter).collect(), outgoing, page }
    }

    /// Deletes.
    pub(crate) fn delete(letters: &[&'a DeadLetter], page: u32) -> Self {
        Self { letters: letters.to_vec(), outgoing: &[], page }
    }

    /// Takes the step. What is not sent is not deleted.
    pub(crate) async fn take(
        &self,
        sqs: &Client,
        url: &str,
        log: &AuditLog,
        audit_id: &str,
        pass: &Pass<'_>,
    ) -> End {
        let mut end = End::default();
        if let Err(error) = self.list(log, audit_id).await {
            end.fail(&self.letters, "the audit table did not take it");
            end.error = Some(error.into());
            return end;
        }
        let gone = match self.outgoing.first() {
            None => self.letters.clone(),
            Some(first) => match batches::send(sqs, first.url, self.outgoing).await {
                Ok(refusals) => self.sent(refusals, &mut end),
                Err(error) => {
                    end.fail(
                        &self.letters,
                        "SQS did not say that it took the batch that it was in",
                    );
                    end.error = Some(error);
                    return end;
                }
            },
        };
        let receipts: Vec<Receipt> =
            gone.iter().filter_map(|letter| pass.receipt(&letter.message_id)).collect();
        let left = batches::delete(sqs, url, receipts).await;
        for letter in gone {
            match left.get(&letter.message_id) {
                None => end.deleted.push(letter.message_id.clone()),
                Some(reason) => {
                    let was_sent = !self.outgoing.is_empty();
                    let told = if was_sent { "sent, and not deleted" } else { "not deleted" };
                    let failure = Failed {
                        message_id: letter.message_id.clone(),
                        reason: format!("{told}: {reason}"),
                    };
                    if was_sent { end.doubled.push(failure) } else { end.failed.push(failure) }
                }
            }
        }
        end
    }

    /// Lists the dead letters in the audit table, and keeps the originals of edited ones there.
    async fn list(&self, log: &AuditLog, audit_id: &str) -> Result<(), OperateError> {
        let mut messages = Vec::with_capacity(self.letters.len());
        for (n, letter) in self.letters.iter().enumerate() {
            let is_edited = self.outgoing.get(n).is_some_and(|o| o.edited.is_some());
            let parts = if is_edited { Some(log.keep(audit_id, letter).await?) } else { None };
            messages.push(listed(letter, parts));
        }
        log.page(audit_id, self.page, messages).await
    }

    /// Notes what SQS took, and gives the dead letters of that.
    fn sent(&self, refusals: Vec<Option<String>>, end: &mut End) -> Vec<&'a DeadLetter> {
        let mut gone = Vec::with_capacity(self.letters.len());
        for (outgoing, refusal) in self.outgoing.iter().zip(refusals) {
            match refusal {
                Some(reason) => {
                    let message_id = outgoing.letter.message_id.clone();
                    end.failed.push(Failed { message_id, reason: format!("not sent: {reason}") });
                }
                None => {
                    end.sent += 1;
                    end.edited += u64::from(outgoing.edited.is_some());
                    gone.push(outgoing.letter);
                }
            }
        }
        gone
    }
}

impl End {
    fn fail(&mut self, letters: &[&DeadLetter], reason: &str) {
        let failed = |letter: &&DeadLetter| Failed {
            message_id: letter.message_id.clone(),
            reason: reason.to_owned(),
        };
        self.failed.extend(letters.iter().map(failed));
    }
}
