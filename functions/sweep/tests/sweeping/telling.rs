//! Who waits for too long is told of, as what it waits for, once.

use crate::dynamodb::DynamoDb;
use crate::{PLENTY, at, swept, waiting};
use read_models::sagas::Wait;
use sweep::Swept;

#[tokio::test]
async fn each_wait_is_told_of_by_its_own_event_and_once() {
    let sagas = [
        waiting("ord_1", Wait::Settlement),
        waiting("ord_2", Wait::Shipment),
        waiting("ord_3", Wait::Refund),
    ];
    let table = DynamoDb::with(&sagas).await;

    let first = swept(&table, 0, PLENTY).await;
    let second = swept(&table, 1, PLENTY).await;

    assert_eq!(first, Swept { timed_out: 1, stalled: 1, refund_looks: 1, left: 0 });
    assert_eq!(second, Swept::default());
    let told = [
        "OrderStalled stalled-ord_2 1",
        "OrderTimedOut timeout-ord_1 1",
        "RefundLookDue refund-look-ord_3 1",
    ];
    assert_eq!(table.announced(), told);
}

#[tokio::test]
async fn who_has_not_waited_for_long_enough_is_left_alone() {
    let (order, lane, _) = waiting("ord_1", Wait::Settlement);
    let table = DynamoDb::with(&[(order, lane, at(-14).as_millisecond())]).await;

    assert_eq!(swept(&table, 0, PLENTY).await, Swept::default());
    assert_eq!(swept(&table, 2, PLENTY).await.timed_out, 1);
}

/// The checkout may have read the saga just before the sweep told of it, and written the mark back.
#[tokio::test]
async fn a_mark_that_came_back_is_taken_away_and_nothing_is_told_twice() {
    let saga = waiting("ord_1", Wait::Settlement);
    let table = DynamoDb::with(std::slice::from_ref(&saga)).await;
    swept(&table, 0, PLENTY).await;
    table.put(&saga);

    let again = swept(&table, 1, PLENTY).await;

    assert_eq!(again, Swept::default());
    assert_eq!(table.announced(), ["OrderTimedOut timeout-ord_1 1"]);
    assert!(table.waiting().is_empty(), "the next sweep has nothing to do");
}

#[tokio::test]
async fn a_refund_is_looked_at_again_and_again_while_it_is_pending() {
    let (order, lane, since) = waiting("ord_1", Wait::Refund);
    let table = DynamoDb::with(&[(order.clone(), lane.clone(), since)]).await;
    swept(&table, 0, PLENTY).await;
    table.put(&(order, lane, since + 1));

    let again = swept(&table, 1, PLENTY).await;

    assert_eq!(again.refund_looks, 1);
    let looks = ["RefundLookDue refund-look-ord_1 1", "RefundLookDue refund-look-ord_1 2"];
    assert_eq!(table.announced(), looks);
}

/// The index lags: it may show a mark that is gone.
#[tokio::test]
async fn who_no_longer_waits_is_not_told_of() {
    let table = DynamoDb::with(&[waiting("ord_1", Wait::Settlement)]).await;
    table.moves_on("ord_1");

    assert_eq!(swept(&table, 0, PLENTY).await, Swept::default());
    assert!(table.announced().is_empty());
}
