//! The relay: announces every event of the event store on the events topic.
//!
//! It is fed by the event table's stream. What SNS does not take is reported back by its sequence number,
//! and Lambda delivers the batch again from there on: an event may be announced twice, never not at all. Of an
//! item that SNS will never take a letter goes to the relay's dead-letter queue, and the events behind it go on: one
//! that is too large, that SNS calls the sender's fault, or that is no event. The event store writes no such items.
//! Events of one stream are announced in their order.

mod announcement;
mod letter;
mod publisher;
mod rounds;

pub use announcement::Announcement;
pub use letter::Letter;
pub use publisher::Publisher;
pub use rounds::rounds;

use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use std::collections::BTreeSet;

/// Announces the events of a batch, and reports the first that was not taken.
pub async fn relay(batch: Event, publisher: &Publisher) -> DynamoDbEventResponse {
    let mut announcements = Vec::with_capacity(batch.records.len());
    let mut first_unsent = None;
    for record in batch.records {
        match Announcement::from_record(record) {
            Ok(announcement) => announcements.push(announcement),
            Err(letter) => {
                if !publisher.bury(&letter).await {
                    // What stands behind it comes again with it.
                    first_unsent = Some(letter.sequence_number);
                    break;
                }
            }
        }
    }
    let first_failed = announce(&announcements, publisher).await;
    tracing::info!(announced = first_failed.unwrap_or(announcements.len()));
    let failed = first_failed.and_then(|n| announcements.into_iter().nth(n));
    let failed = failed.map(|announcement| announcement.sequence_number).or(first_unsent);
    let mut response = DynamoDbEventResponse::default();
    response.batch_item_failures.extend(failed.map(|sequence_number| {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(sequence_number);
        failure
    }));
    response
}

/// Announces round by round, leaving out a stream from its first failure on. Gives the place of the
/// first announcement that failed.
async fn announce(announcements: &[Announcement], publisher: &Publisher) -> Option<usize> {
    let mut failed = BTreeSet::new();
    let mut blocked = BTreeSet::new();
    for round in rounds(announcements) {
        let due: Vec<_> = round
            .into_iter()
            .filter_map(|n| Some((n, announcements.get(n)?)))
            .filter(|(_, announcement)| !blocked.contains(&announcement.stream))
            .collect();
        for n in publisher.publish(&due).await {
            failed.insert(n);
            blocked.extend(announcements.get(n).map(|announcement| &announcement.stream));
        }
    }
    failed.first().copied()
}
