//! One batch of the table's stream: what is published of it, and the first that is not.

use crate::time_left::TimeLeft;
use crate::{Announcement, DeadLetter, Publisher, rounds};
use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use std::collections::HashSet;
use tokio::time::Instant;

/// Publishes the events of a batch until the deadline, and reports the first that was not taken. Lambda delivers the
/// batch again from there on, so what stands behind it may be published twice.
pub async fn relay(
    batch: Event,
    publisher: &Publisher,
    deadline: Instant,
) -> DynamoDbEventResponse {
    let mut places = Vec::new();
    let (mut announcements, mut dead_letters) = (Vec::new(), Vec::new());
    for record in batch.records {
        places.push(record.change.sequence_number.clone().unwrap_or_default());
        match Announcement::from_record(record) {
            Ok(announcement) => announcements.push(announcement),
            Err(letter) => dead_letters.push(*letter),
        }
    }
    let mut time = TimeLeft::until(deadline);
    let mut unsent = send_dead_letters(&dead_letters, publisher, &mut time).await;
    unsent.extend(publish(&announcements, publisher, &mut time).await);
    tracing::info!(announced = places.len() - unsent.len(), unsent = unsent.len());
    let first = places.iter().find(|place| unsent.contains(place.as_str()));
    response(first)
}

/// Sends a dead letter of each item that holds no event. Gives the sequence numbers of those that the queue did not
/// take.
async fn send_dead_letters<'a>(
    letters: &'a [DeadLetter],
    publisher: &Publisher,
    time: &mut TimeLeft,
) -> HashSet<&'a str> {
    let mut unsent = HashSet::new();
    for letter in letters {
        if time.within(publisher.dead_letter(letter)).await != Some(true) {
            unsent.insert(letter.sequence_number.as_str());
        }
    }
    unsent
}

/// Publishes round by round, leaving out a stream from its first failure on. Gives the sequence numbers of those that
/// were not taken.
async fn publish<'a>(
    announcements: &'a [Announcement],
    publisher: &Publisher,
    time: &mut TimeLeft,
) -> HashSet<&'a str> {
    let mut unsent = HashSet::new();
    let mut blocked: HashSet<&str> = HashSet::new();
    for round in rounds(announcements) {
        let round = round.into_iter().filter_map(|n| announcements.get(n));
        let (waiting, due): (Vec<_>, Vec<_>) =
            round.partition(|announcement| blocked.contains(announcement.stream.as_str()));
        let published = time.within(publisher.publish(&due)).await;
        let not_taken = published.unwrap_or(due);
        blocked.extend(not_taken.iter().map(|announcement| announcement.stream.as_str()));
        let all = waiting.into_iter().chain(not_taken);
        unsent.extend(all.map(|announcement| announcement.sequence_number.as_str()));
    }
    unsent
}

fn response(first_unsent: Option<&String>) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    response.batch_item_failures.extend(first_unsent.map(|sequence_number| {
        let mut failure = DynamoDbBatchItemFailure::default();
        failure.item_identifier = Some(sequence_number.clone());
        failure
    }));
    response
}
