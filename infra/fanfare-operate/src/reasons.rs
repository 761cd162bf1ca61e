//! Why dead letters failed that do not say so themselves: the ledger may know.

use crate::{DeadLetter, DeadLetterQueue};
use aws_sdk_sqs::types::Message;
use fanfare::ledger::{self, Ledger};
use fanfare_bootstrap::ErrorChain;

/// Turns messages into dead letters, and asks the ledger about those that carry no reason: what SQS itself moves to
/// a dead-dead letter queue carries none.
pub(crate) struct Reasons {
    ledger: Option<Ledger>,
    consumer: String,
}

impl Reasons {
    pub(crate) fn new(ledger: Option<Ledger>, letters: &DeadLetterQueue) -> Self {
        Self { ledger, consumer: letters.consumer.clone() }
    }

    pub(crate) async fn read(&mut self, messages: Vec<Message>) -> Vec<DeadLetter> {
        let mut letters: Vec<DeadLetter> = messages.into_iter().map(DeadLetter::new).collect();
        let Some(ledger) = &self.ledger else { return letters };
        let key = |letter: &DeadLetter| {
            let event = letter.envelope.as_ref().filter(|_| letter.error.is_none())?;
            Some(ledger::id(&self.consumer, &event.event_id))
        };
        let mut keys: Vec<String> = letters.iter().filter_map(key).collect();
        keys.sort();
        keys.dedup();
        if keys.is_empty() {
            return letters;
        }
        let mut records = match ledger.read(keys).await {
            Ok(records) => records,
            Err(error) => {
                // Not asked again: whoever may read the queue need not be allowed to read the ledger.
                tracing::warn!("no reasons from the ledger: {}", ErrorChain(&error));
                self.ledger = None;
                return letters;
            }
        };
        for letter in &mut letters {
            let record = key(letter).and_then(|key| records.get_mut(&key));
            if let Some(error) = record.and_then(|record| record.error.clone()) {
                letter.explain(error);
            }
        }
        letters
    }
}
