//! Messages that are handled together: copies of one event once, events about one thing one after another, and what
//! waited for another event of the batch once more.

use crate::attempt::Attempt;
use crate::batch::Runtime;
use crate::case::{Case, End, Handled, Proof, Settled};
use crate::message::Message;
use crate::time_left::TimeLeft;
use crate::{Failure, decode};
use fanfare_event::{Event, EventId, Payload};
use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How often a handler decides about one event in one invocation, when what it decides from keeps changing.
const DECISIONS: u32 = 4;

impl<P, Fx> Runtime<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Decodes, decides, acts and commits. Gives the messages back with what became of each.
    pub(crate) async fn handle_together(
        &self,
        messages: Vec<Message>,
        time: TimeLeft,
    ) -> Vec<Handled> {
        let (cases, mut handled) = self.open(messages);
        let (known, due): (Vec<_>, Vec<_>) =
            cases.into_iter().partition(|case| self.applied.knows(&case.attempt));
        let is_known = |case: Case| case.ends(End::Done { did: None, proves: Proof::Nothing });
        let mut settled: Vec<Settled> = known.into_iter().map(is_known).collect();
        settled.extend(self.settle(due, time).await);
        for one in &settled {
            if matches!(one.end, End::Done { .. }) {
                self.applied.insert(&one.case.attempt);
            }
        }
        handled.extend(settled.into_iter().flat_map(Settled::into_handled));
        self.end_spans(&handled);
        handled
    }

    /// The cases that messages are, copies of one event together; and those messages that hold no event, at their
    /// end.
    fn open(&self, messages: Vec<Message>) -> (Vec<Case>, Vec<Handled>) {
        let mut cases: Vec<Case> = Vec::with_capacity(messages.len());
        let mut places: HashMap<EventId, usize> = HashMap::with_capacity(messages.len());
        let mut no_events = Vec::new();
        for message in messages {
            let attempt = match self.attempt(&message) {
                Ok(attempt) => attempt,
                Err(failure) => {
                    no_events.push(Handled::new(message, None, End::failed(failure)));
                    continue;
                }
            };
            let first = places.get(&attempt.envelope.event_id);
            match first.and_then(|place| cases.get_mut(*place)) {
                Some(case) => case.repeats.push((message, attempt)),
                None => {
                    places.insert(attempt.envelope.event_id.clone(), cases.len());
                    cases.push(Case::new(message, attempt));
                }
            }
        }
        (cases, no_events)
    }

    pub(crate) fn attempt(&self, message: &Message) -> Result<Attempt, Failure> {
        let envelope = decode::envelope(&message.body)
            .map_err(|e| Failure::permanent("the message is not an event").caused_by(e))?;
        Ok(self.with_span(Attempt::start(self.consumer.name, message, envelope, self.now())))
    }

    /// Brings distinct events to their ends. What waited for another event of the same batch need not wait any longer
    /// once that is done.
    async fn settle(&self, cases: Vec<Case>, time: TimeLeft) -> Vec<Settled> {
        let settled = self.one_turn_after_another(cases, time).await;
        if !settled.iter().any(Settled::is_news) {
            return settled;
        }
        let (waited, mut settled): (Vec<_>, Vec<_>) = settled.into_iter().partition(Settled::waits);
        let again = waited.into_iter().map(|one| one.case).collect();
        settled.extend(self.one_turn_after_another(again, time).await);
        settled
    }

    /// Events about the same thing one at a time, and anew while what they were decided from changes.
    async fn one_turn_after_another(&self, cases: Vec<Case>, time: TimeLeft) -> Vec<Settled> {
        let mut settled = Vec::with_capacity(cases.len());
        let mut due = VecDeque::from(cases);
        while !due.is_empty() {
            let turn = self.next_turn(&mut due);
            let processed = self.process(turn, time).await;
            settled.extend(processed.settled);
            for mut case in processed.outdated.into_iter().rev() {
                case.outdated += 1;
                match case.outdated < DECISIONS {
                    true => due.push_front(case),
                    false => settled.push(case.ends(End::failed(Failure::outdated()))),
                }
            }
        }
        settled
    }

    /// Takes the first of those that are due about each thing.
    fn next_turn(&self, due: &mut VecDeque<Case>) -> Vec<Case> {
        let Some(key) = &self.consumer.sequence else { return due.drain(..).collect() };
        let mut taken = HashSet::with_capacity(due.len());
        let mut is_first = |case: &Case| {
            let event = Event::<P>::from_envelope(&case.attempt.envelope).ok();
            // What can't be read, or has no key, waits for nobody: it fails by itself.
            let thing = event.and_then(|e| catch_unwind(AssertUnwindSafe(|| key(&e))).ok());
            thing.is_none_or(|thing| taken.insert(thing))
        };
        let (turn, rest): (Vec<_>, Vec<_>) = due.drain(..).partition(&mut is_first);
        due.extend(rest);
        turn
    }
}
