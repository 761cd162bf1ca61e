//! What can't be read or announced holds up nothing else, and is counted.

use crate::dynamodb::{DynamoDb, Fate};
use crate::{PLENTY, swept, waiting};
use read_models::sagas::Wait;
use sweep::Swept;

/// Orders of every partition.
fn orders() -> Vec<(String, String, i64)> {
    (0..40).map(|n| waiting(&format!("ord_{n}"), Wait::Settlement)).collect()
}

#[tokio::test]
async fn a_malformed_saga_at_the_head_of_its_partition_holds_up_nothing() {
    let mut sagas = orders();
    sagas.push(("no order".to_owned(), "0".to_owned(), 0));
    for minute in 0..2 {
        let table = DynamoDb::with(&sagas).await;
        let swept = swept(&table, minute, PLENTY).await;
        assert_eq!(swept, Swept { timed_out: 40, left: 1, ..Swept::default() });
    }
}

#[tokio::test]
async fn one_that_can_t_be_announced_holds_up_nothing_and_is_tried_again() {
    let table = DynamoDb::with(&orders()).await;
    table.set_fate(|order| if order == "ord_7" { Fate::Error } else { Fate::Taken });

    let first = swept(&table, 0, PLENTY).await;
    table.set_fate(|_| Fate::Taken);
    let second = swept(&table, 1, PLENTY).await;

    assert_eq!(first, Swept { timed_out: 39, left: 1, ..Swept::default() });
    assert_eq!(second, Swept { timed_out: 1, ..Swept::default() });
}

#[tokio::test]
async fn a_transaction_that_met_another_is_left_for_the_next_sweep() {
    let table = DynamoDb::with(&[waiting("ord_1", Wait::Settlement)]).await;
    table.set_fate(|_| Fate::Conflict);

    assert_eq!(swept(&table, 0, PLENTY).await, Swept { left: 1, ..Swept::default() });
    assert_eq!(table.waiting(), ["ord_1"]);
}

#[tokio::test]
async fn a_partition_that_can_t_be_read_holds_up_no_other() {
    let orders = orders();
    let table = DynamoDb::with(&orders).await;
    table.refuse_lane("3");
    let there = orders.iter().filter(|(_, lane, _)| lane == "3").count() as u64;

    let swept = swept(&table, 0, PLENTY).await;

    assert!(there > 0, "the partition holds some");
    assert_eq!(swept, Swept { timed_out: 40 - there, left: 1, ..Swept::default() });
}
