//! Whose dead letters lie where, and where they can go back to.

use crate::names::{last_part, owner_of_dead_letters};
use crate::{Connection, DeadLetter, OperateError, Queue};
use fanfare_template::roles::Roles;

/// What to do about letters that can't go back to a queue, because they come from none.
pub(crate) const ADVICE: &str = "the relay's point to events that it could not announce, which are in the event store \
    still: mend the cause, `fanfare replay --consumer NAME --correlation ID` for each consumer that should have heard, then \
    purge them here";

/// A dead-letter queue, and the queues that its letters come from.
#[derive(Debug, Clone)]
pub struct DeadLetterQueue {
    /// Whose dead letters these are.
    pub consumer: String,
    /// The dead-letter queue.
    pub queue: Queue,
    /// The queues whose redrive policies name it.
    pub sources: Vec<Queue>,
}

impl DeadLetterQueue {
    /// The dead-letter queues among the queues of a stack: those that a redrive policy names, and those that the
    /// template sends other failures to.
    pub(crate) fn among(queues: &[Queue], roles: &Roles) -> Vec<Self> {
        queues.iter().filter_map(|queue| Self::of(queue, queues, roles)).collect()
    }

    fn of(queue: &Queue, queues: &[Queue], roles: &Roles) -> Option<Self> {
        let comes_from = |source: &&Queue| source.dead_letters.as_ref() == Some(&queue.arn);
        let sources: Vec<Queue> = queues.iter().filter(comes_from).cloned().collect();
        let (consumer, sources) = match sources.as_slice() {
            [] => {
                let failures = roles.failure_queues.iter().find(|f| f.queue == queue.logical_id)?;
                let is_meant = |one: &&Queue| Some(&one.logical_id) == failures.meant_for.as_ref();
                (failures.owner.clone(), queues.iter().filter(is_meant).cloned().collect())
            }
            [source] => (source.owner.clone(), sources),
            _ => (owner_of_dead_letters(&queue.logical_id), sources),
        };
        Some(Self { consumer, queue: queue.clone(), sources })
    }

    /// The queue that a dead letter came from; `None` when there are several and it does not say which.
    pub(crate) fn source_of(&self, letter: &DeadLetter) -> Option<&Queue> {
        if let [source] = self.sources.as_slice() {
            return Some(source);
        }
        let by_arn = letter.moved_from.as_deref();
        let by_consumer = letter.attribute("fanfare.consumer");
        self.sources.iter().find(|source| match by_arn {
            Some(arn) => source.arn == arn,
            None => by_consumer == Some(source.owner.as_str()),
        })
    }
}

impl Connection {
    /// Every dead-letter queue of the stack.
    ///
    /// # Errors
    /// As [`queues`](Self::queues).
    pub async fn all_dead_letters(&self) -> Result<Vec<DeadLetterQueue>, OperateError> {
        let roles = &self.description().await?.roles;
        let mut letters = DeadLetterQueue::among(&self.queues().await?, roles);
        letters.sort_by(|one, other| one.consumer.cmp(&other.consumer));
        Ok(letters)
    }

    /// The dead-letter queue of a consumer, by the consumer's name or either queue's.
    ///
    /// # Errors
    /// As [`queues`](Self::queues); [`OperateError::NoConsumer`].
    pub async fn dead_letters(&self, name: &str) -> Result<DeadLetterQueue, OperateError> {
        let all = self.all_dead_letters().await?;
        let known: Vec<String> = all.iter().map(|letters| letters.consumer.clone()).collect();
        let is_called = |queue: &Queue| {
            queue.name == name || queue.logical_id == name || last_part(&queue.url) == name
        };
        all.into_iter()
            .find(|letters| {
                letters.consumer == name
                    || is_called(&letters.queue)
                    || letters.sources.iter().any(is_called)
            })
            .ok_or_else(|| OperateError::NoConsumer {
                name: name.to_owned(),
                known: known.join(", "),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::QueueCounts;
    use crate::names::owner_of_queue;
    use fanfare_template::roles::FailureQueue;

    fn queue(logical_id: &str, dead_letters: Option<&str>) -> Queue {
        Queue {
            name: format!("fanfare-{logical_id}"),
            logical_id: logical_id.to_owned(),
            owner: owner_of_queue(logical_id),
            url: format!("http://sqs/{logical_id}"),
            arn: format!("arn:{logical_id}"),
            counts: QueueCounts::default(),
            retention: 0,
            dead_letters: dead_letters.map(|id| format!("arn:{id}")),
        }
    }

    #[test]
    fn a_redrive_policy_tells_whose_dead_letters_a_queue_holds() {
        let queues = [
            queue("ClimateQueue", Some("Graveyard")),
            queue("Graveyard", None),
            queue("PlainQueue", None),
            queue("Unannounced", None),
        ];
        let relay = FailureQueue {
            queue: "Unannounced".to_owned(),
            owner: "relay".to_owned(),
            meant_for: None,
        };
        let roles = Roles { failure_queues: vec![relay], ..Roles::default() };
        let found = DeadLetterQueue::among(&queues, &roles);
        let told: Vec<_> = found.iter().map(|l| (l.consumer.as_str(), l.sources.len())).collect();
        assert_eq!(told, [("climate", 1), ("relay", 0)]);
    }

    #[test]
    fn a_letter_of_a_shared_dead_letter_queue_goes_back_to_its_own_consumer() {
        let queues = [
            queue("ClimateQueue", Some("SharedDeadLetters")),
            queue("BillingQueue", Some("SharedDeadLetters")),
            queue("SharedDeadLetters", None),
        ];
        let letters = &DeadLetterQueue::among(&queues, &Roles::default())[0];
        let consumer = crate::attributes::text("billing").expect("an attribute");
        let message = aws_sdk_sqs::types::Message::builder().body("{}");
        let known = message.clone().message_attributes("fanfare.consumer", consumer).build();
        let source = |message| letters.source_of(&DeadLetter::new(message)).map(|q| q.name.clone());
        assert_eq!(letters.consumer, "shared");
        assert_eq!(source(known).as_deref(), Some("fanfare-BillingQueue"));
        assert_eq!(source(message.build()), None);
    }
}
