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

/// From which receipt on the ledger is told. With fewer, what kills its process costs the others of its batch a delay, and
/// the usual message is not dearer.
const DOUBTED_FROM: u32 = 5;
/// Attempts that began and never ended after which a message is given up.
const MOST_UNENDED: u32 = 8;
/// Marks that are written at once.
const CONCURRENCY: usize = 8;

/// Messages that were received often, told apart by what the ledger knows of them.
#[derive(Debug, Default)]
pub(crate) struct Marked {
    /// Their attempts ended: they may be handled together.
    pub(crate) cleared: Vec<Message>,
    /// An attempt at each of them never ended.
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

    /// Takes note that attempts at these messages begin.
    pub(crate) async fn mark(&self, messages: Vec<Message>, time: TimeLeft) -> Marked {
        let marks = messages.into_iter().map(|message| self.mark_one(message, time));
        let marks: Vec<_> = stream::iter(marks).buffered(CONCURRENCY).collect().await;
        let mut marked = Marked::default();
        for mark in marks {
            match mark {
                Mark::Cleared(message) => marked.cleared.push(message),
                Mark::Suspect(message) => marked.suspects.push(message),
                Mark::Ended(handled) => marked.ended.push(*handled),
            }
        }
        marked
    }

    async fn mark_one(&self, mut message: Message, time: TimeLeft) -> Mark {
        // What is no event has no record, and ends at once.
        let Ok(attempt) = self.attempt(&message) else { return Mark::Cleared(message) };
        let ends = |message, end| Mark::Ended(Box::new(Handled::new(message, None, end)));
        let Some(left) = time.at(self.now()) else { return ends(message, End::no_time()) };
        let record = attempt.begun(self.now());
        let until = tokio::time::Instant::now() + left;
        let item = match within(until, self.committer.begun(&record)).await {
            Some(Ok(Stored::Yes(item))) => item,
            // It was applied, as its commit will find.
            Some(Ok(Stored::No(_))) => return Mark::Cleared(message),
            Some(Err(failure)) => return ends(message, End::failed(failure)),
            None => {
                let late = Failure::unavailable(DYNAMODB, "the ledger did not answer");
                return ends(message, End::failed(late));
            }
        };
        message.is_marked = true;
        match serde_dynamo::from_item::<_, Record>(item).map_or(1, |record| record.begun) {
            0 | 1 => Mark::Cleared(message),
            begun if begun <= MOST_UNENDED => Mark::Suspect(message),
            begun => {
                let unended = begun - 1;
                let why = format!("{unended} attempts began and none ended: it kills its process");
                let end = End::failed(Failure::permanent(why));
                Mark::Ended(Box::new(Handled::new(message, Some(attempt), end)))
            }
        }
    }
}

/// What the ledger makes of one message.
enum Mark {
    Cleared(Message),
    Suspect(Message),
    Ended(Box<Handled>),
}
