//! A message that kills its process: out of memory, out of time, an abort. It fails without a word, takes the messages of its
//! batch with it, and comes back when its visibility timeout is over.
//!
//! How often it was received does not tell: being held back counts there too. So of a message that was received often
//! the ledger is told when an attempt begins. One whose attempts begin and never end is tried alone, and given up in the end.

use crate::Failure;
use crate::batch::Runtime;
use crate::case::{End, Handled};
use crate::committer::{DYNAMODB, Stored};
use crate::ledger::Record;
use crate::message::Message;
use crate::time_left::{TimeLeft, within};
use fanfare_event::Payload;
use futures_util::stream::{self, StreamExt};
use std::collections::HashMap;

/// From which receipt on the ledger is told. With fewer, what kills its process costs the others of its batch a delay, and
/// the usual message is not dearer.
const DOUBTED_FROM: u32 = 5;
/// Attempts that began and never ended after which a message is given up.
const MOST_UNENDED: u32 = 8;
/// Records that are looked at, and marks that are written, at once.
const CONCURRENCY: usize = 8;

/// Messages that were received often, told apart by what the ledger knows of them.
#[derive(Debug, Default)]
pub(crate) struct SortedOut {
    /// Their attempts ended: they may be handled together, and are marked as begun.
    pub(crate) cleared: Vec<Message>,
    /// An attempt at each of them never ended: each is to be marked when its turn comes. Those come last of which that is
    /// true most often: they are the likeliest to keep the others from their turns.
    pub(crate) suspects: Vec<Message>,
    /// At their ends.
    pub(crate) ended: Vec<Handled>,
}

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Whether the ledger is to be told before the message is tried. During an outage nobody is doubted: what is received
    /// often then is held back.
    pub(crate) fn is_doubted(&self, message: &Message) -> bool {
        message.receive_count >= DOUBTED_FROM && self.breakers.open() == 0
    }

    /// Tells apart messages that were received often.
    pub(crate) async fn sort_out(&self, messages: Vec<Message>, time: TimeLeft) -> SortedOut {
        let mut sorted = SortedOut::default();
        if messages.is_empty() {
            return sorted;
        }
        let unended = match self.unended(&messages, time).await {
            Ok(unended) => unended,
            Err(failure) => {
                let failed = |message| Handled::new(message, None, End::failed(failure.again()));
                sorted.ended = messages.into_iter().map(failed).collect();
                return sorted;
            }
        };
        let is_suspect = |message: &Message| unended.contains_key(&message.id);
        let (mut suspects, cleared): (Vec<_>, Vec<_>) = messages.into_iter().partition(is_suspect);
        suspects.sort_by_key(|message| unended.get(&message.id).copied());
        sorted.suspects = suspects;
        let marks = cleared.into_iter().map(|message| self.mark(message, time));
        for mark in stream::iter(marks).buffered(CONCURRENCY).collect::<Vec<_>>().await {
            match mark {
                Ok(message) => sorted.cleared.push(message),
                Err(handled) => sorted.ended.push(*handled),
            }
        }
        sorted
    }

    /// How many attempts at each of these messages began and did not end, by the message's id, if any did.
    async fn unended(
        &self,
        messages: &[Message],
        time: TimeLeft,
    ) -> Result<HashMap<String, u32>, Failure> {
        let left = time.at(self.now()).ok_or_else(|| Failure::busy("no time is left"))?;
        let until = tokio::time::Instant::now() + left;
        let looks = messages.iter().filter_map(|message| {
            // What is no event has no record.
            let ledger_id = self.attempt(message).ok()?.ledger_id;
            Some(async move {
                let late = || Failure::unavailable(DYNAMODB, "the ledger did not answer");
                let record = within(until, self.committer.look(&ledger_id)).await;
                let begun = record.ok_or_else(late)??.map_or(0, |record| record.begun);
                Ok((message.id.clone(), begun))
            })
        });
        let looks = looks.collect::<Vec<_>>();
        let found = stream::iter(looks).buffered(CONCURRENCY).collect::<Vec<_>>().await;
        let found = found.into_iter().collect::<Result<HashMap<_, _>, _>>()?;
        Ok(found.into_iter().filter(|(_, begun)| *begun > 0).collect())
    }

    /// Takes note that an attempt at a message begins.
    ///
    /// # Errors
    /// The end of the message, if it is not to be tried.
    pub(crate) async fn mark(
        &self,
        mut message: Message,
        time: TimeLeft,
    ) -> Result<Message, Box<Handled>> {
        // What is no event has no record, and ends at once.
        let Ok(attempt) = self.attempt(&message) else { return Ok(message) };
        let ends = |message, end| Err(Box::new(Handled::new(message, None, end)));
        let Some(left) = time.at(self.now()) else { return ends(message, End::no_time()) };
        let record = attempt.begun(self.now());
        let until = tokio::time::Instant::now() + left;
        let item = match within(until, self.committer.begun(&record)).await {
            Some(Ok(Stored::Yes(item))) => item,
            // It was applied, as its commit will find.
            Some(Ok(Stored::No(_))) => return Ok(message),
            Some(Err(failure)) => return ends(message, End::failed(failure)),
            None => {
                let late = Failure::unavailable(DYNAMODB, "the ledger did not answer");
                return ends(message, End::failed(late));
            }
        };
        message.is_marked = true;
        let begun = serde_dynamo::from_item::<_, Record>(item).map_or(1, |record| record.begun);
        // Copies of an event share its record, and may be in one batch: each has as many attempts of its own.
        let may_have_begun = message.receive_count.saturating_sub(DOUBTED_FROM);
        if begun.min(may_have_begun + 1) <= MOST_UNENDED {
            return Ok(message);
        }
        let why = format!("{} attempts began and none ended: it kills its process", begun - 1);
        let end = End::failed(Failure::permanent(why));
        Err(Box::new(Handled::new(message, Some(attempt), end)))
    }
}
