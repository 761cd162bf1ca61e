//! What holds of a queue whatever its senders and receivers do.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;
use rustack_sqs_model::types::Message;
use tokio::time::Instant;

use super::backlog::{Backlog, Take};
use super::message::{Content, Stored, Visibility, Wanted};

const VISIBILITY: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
enum Step {
    Send {
        group: u8,
        delay: u64,
    },
    Receive {
        most: usize,
    },
    /// By the newest handle of the nth message that is out.
    Delete(usize),
    Return(usize),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..4_u8, prop_oneof![4 => Just(0), 1 => 1..20_u64])
            .prop_map(|(group, delay)| Step::Send { group, delay }),
        3 => (1..=10_usize).prop_map(|most| Step::Receive { most }),
        2 => (0..20_usize).prop_map(Step::Delete),
        1 => (0..20_usize).prop_map(Step::Return),
        1 => (1..40_u64).prop_map(Step::Wait),
    ]
}

/// A queue, and what is known of it from outside.
struct Model {
    backlog: Backlog,
    is_fifo: bool,
    now: Instant,
    /// Ids of what was sent and not deleted, by group, in order.
    alive: HashMap<u8, Vec<u64>>,
    /// What is with a receiver, until when.
    out: Vec<(Message, Instant)>,
    sent: u64,
}

impl Model {
    fn new(is_fifo: bool) -> Self {
        Self {
            backlog: Backlog::new(is_fifo),
            is_fifo,
            now: Instant::now(),
            alive: HashMap::new(),
            out: Vec::new(),
            sent: 0,
        }
    }

    fn send(&mut self, group: u8, delay: u64) {
        // A FIFO queue's messages have the queue's delay, so that none overtakes another.
        let delay = if self.is_fifo { 0 } else { delay };
        self.sent += 1;
        let place = self.backlog.next_place();
        let visibility = match delay {
            0 => Visibility::Visible,
            seconds => Visibility::Delayed(self.now + Duration::from_secs(seconds)),
        };
        let content = Content {
            body: group.to_string(),
            group: Some(group.to_string().into()),
            ..Content::default()
        };
        self.backlog.add(
            place,
            Stored {
                id: self.sent.to_string(),
                content,
                visibility,
                sent: 0,
                expires: self.now + Duration::from_secs(1_000_000),
                receives: 0,
                first_received: None,
                source_arn: None,
            },
        );
        self.alive.entry(group).or_default().push(self.sent);
    }

    fn receive(&mut self, most: usize) -> Result<usize, TestCaseError> {
        let wanted = Wanted::default();
        let take =
            Take { most, visibility: VISIBILITY, max_receives: None, wanted: &wanted, at: 0 };
        let taken = self.backlog.take(self.now, &take).received;
        prop_assert!(taken.len() <= most);
        let received = taken.len();
        for message in taken {
            let (group, id) = known(&message);
            prop_assert!(self.alive[&group].contains(&id), "{id} was deleted");
            let now = self.now;
            self.out.retain(|(_, until)| *until > now);
            prop_assert!(
                !self.out.iter().any(|(out, _)| known(out).1 == id),
                "{id} is out already"
            );
            if self.is_fifo {
                let earlier: Vec<_> =
                    self.alive[&group].iter().take_while(|other| **other != id).copied().collect();
                let is_out = |id: &u64| self.out.iter().any(|(out, _)| known(out).1 == *id);
                prop_assert!(earlier.iter().all(is_out), "{id} came before {earlier:?}");
            }
            self.out.push((message, self.now + VISIBILITY));
        }
        Ok(received)
    }

    fn delete(&mut self, n: usize) -> Result<(), TestCaseError> {
        let now = self.now;
        self.out.retain(|(_, until)| *until > now);
        if n >= self.out.len() {
            return Ok(());
        }
        let (message, _) = self.out.remove(n);
        let (group, id) = known(&message);
        let handle = message.receipt_handle.unwrap_or_default();
        let deleted = self.backlog.delete(&handle, self.now).ok().flatten();
        prop_assert_eq!(deleted, Some(id.to_string()));
        self.alive.entry(group).or_default().retain(|other| *other != id);
        Ok(())
    }

    fn give_back(&mut self, n: usize) -> Result<(), TestCaseError> {
        let now = self.now;
        self.out.retain(|(_, until)| *until > now);
        if n < self.out.len() {
            let (message, _) = self.out.remove(n);
            let handle = message.receipt_handle.unwrap_or_default();
            let hidden = self.backlog.change_visibility(&handle, Duration::ZERO, self.now);
            prop_assert!(hidden.is_ok());
        }
        Ok(())
    }

    fn counts_add_up(&mut self) -> Result<(), TestCaseError> {
        let counts = self.backlog.counts(self.now);
        let now = self.now;
        let out = self.out.iter().filter(|(_, until)| *until > now).count();
        prop_assert_eq!(counts.in_flight, out);
        let alive: usize = self.alive.values().map(Vec::len).sum();
        prop_assert_eq!(counts.visible + counts.in_flight + counts.delayed, alive);
        Ok(())
    }
}

/// A message's group and number.
fn known(message: &Message) -> (u8, u64) {
    let number = |text: &Option<String>| text.as_deref().unwrap_or_default().parse().unwrap_or(0);
    (u8::try_from(number(&message.body)).unwrap_or_default(), number(&message.message_id))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_is_lost_given_twice_at_once_or_out_of_order(
        is_fifo: bool,
        steps in proptest::collection::vec(step(), 1..80),
    ) {
        let mut model = Model::new(is_fifo);
        for step in steps {
            match step {
                Step::Send { group, delay } => model.send(group, delay),
                Step::Receive { most } => drop(model.receive(most)?),
                Step::Delete(n) => model.delete(n)?,
                Step::Return(n) => model.give_back(n)?,
                Step::Wait(seconds) => model.now += Duration::from_secs(seconds),
            }
            model.counts_add_up()?;
        }
        // When all that is out has come back, everything that was not deleted can be received.
        model.now += Duration::from_secs(60);
        while model.receive(10)? > 0 {
            while !model.out.is_empty() {
                model.delete(0)?;
            }
        }
        prop_assert!(model.alive.values().all(Vec::is_empty), "left: {:?}", model.alive);
    }
}
