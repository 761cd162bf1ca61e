//! Isolation: one message neither fails nor delays another.

use crate::kit::{batch, handle, in_ledger, on};
use event_schema::CustomerRegistered;
use fanfare::{Consumer, Event, Work};
use std::collections::BTreeSet;
use std::time::Duration;
use system_tests::Store;

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_never_ends_fails_alone() {
    let store = Store::start(&[]).await;
    let consumer = Consumer::new("dreaming", |event: Event<CustomerRegistered>| async move {
        match event.payload.name.as_str() {
            "endless" => std::future::pending().await,
            _ => Ok(Work::did("done")),
        }
    });
    let runtime = on(&store, "EmailQueue", consumer);

    let messages = batch(&[("endless", ""), ("quick", "")]);
    let failed = handle(&runtime, messages, Duration::from_secs(1)).await;

    assert_eq!(failed, ["endless"]);
    let ledger = in_ledger(&store).await;
    let expected = ["dreaming#evt_endless failed", "dreaming#evt_quick done"];
    assert_eq!(ledger, BTreeSet::from(expected.map(str::to_owned)));
}
