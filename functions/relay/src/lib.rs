//! The relay: announces every event of the event store on the events topic.
//!
//! It is fed by the event table's stream. What SNS does not take is reported back by its sequence number,
//! and Lambda delivers the batch again from there on: an event may be announced twice, never not at all. What
//! SNS calls the sender's fault in its answer for one entry goes to the relay's dead-letter queue. A message
//! that is too large makes SNS refuse the whole request, which is no such answer: the event store accepts none.
//! Events of one stream are announced in their order.

mod announcement;
mod publisher;
mod rounds;

pub use announcement::Announcement;
pub use publisher::Publisher;
pub use rounds::rounds;

use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use std::collections::BTreeSet;

/// Announces the events of a batch, and reports the first that was not taken.
pub async fn relay(batch: Event, publisher: &Publisher) -> DynamoDbEventResponse {
    let announcements: Vec<_> =
        batch.records.into_iter().filter_map(Announcement::from_record).collect();
    let first_failed = announce(&announcements, publisher).await;
    let mut response = DynamoDbEventResponse::default();
    if let Some(failed) = first_failed.and_then(|n| announcements.get(n)) {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(failed.sequence_number.clone());
        response.batch_item_failures.push(failure);
    }
    tracing::info!(announced = first_failed.unwrap_or(announcements.len()));
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
