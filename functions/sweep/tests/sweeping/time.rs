//! A sweep uses the time that it has, and no more; what it leaves comes first another time.

use crate::dynamodb::{DynamoDb, Fate};
use crate::{PLENTY, swept, waiting};
use read_models::sagas::Wait;
use std::time::{Duration, Instant};

#[tokio::test]
async fn many_are_announced_at_once() {
    let sagas: Vec<_> = (0..640).map(|n| waiting(&format!("ord_{n}"), Wait::Settlement)).collect();
    let table = DynamoDb::with(&sagas).await;
    table.set_delay(Duration::from_millis(20));
    let begun = Instant::now();

    let swept = swept(&table, 0, PLENTY).await;

    assert_eq!(swept.timed_out, 640);
    let one_by_one = Duration::from_millis(20) * 640;
    assert!(begun.elapsed() < one_by_one / 4, "it took {:?}", begun.elapsed());
}

#[tokio::test]
async fn it_ends_in_time_and_says_what_it_left_and_another_sweep_begins_behind_that() {
    const TIME: Duration = Duration::from_millis(400);
    let sagas: Vec<_> =
        (0..8_000).map(|n| waiting(&format!("ord_{n}"), Wait::Settlement)).collect();
    let late = waiting("late", Wait::Settlement);
    let table = DynamoDb::with(&sagas).await;
    // Nobody of these can be announced, ever.
    table.set_fate(|order| if order == "late" { Fate::Taken } else { Fate::Hangs });
    table.put(&(late.0, late.1, late.2 + 1));
    let begun = Instant::now();

    let first = swept(&table, 0, TIME).await;

    assert!(begun.elapsed() < TIME * 3, "it took {:?}", begun.elapsed());
    assert!(first.left > 0 && first.timed_out == 0, "{first:?}");
    let mut minutes = 1..=48;
    let mut told = async || swept(&table, minutes.next().unwrap(), TIME).await.timed_out == 1;
    let mut sweeps = 1;
    while !told().await {
        sweeps += 1;
    }
    assert!(sweeps <= 24, "the newest of a partition has its turn, after {sweeps} sweeps");
}
