//! Repeats: an event is applied once, whoever remembers it.

use crate::kit::{batch, greeting, handle, in_ledger, on};
use event_schema::CustomerRegistered;
use fanfare::{Consumer, Event, Failure, Work};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use system_tests::Store;

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_that_its_environment_remembers_is_not_asked_about_and_any_other_is() {
    let store = Store::start(&[]).await;
    let (consumer, greeted) = greeting();
    let runtime = on(&store, "EmailQueue", consumer);
    let time = Duration::from_secs(5);
    assert!(handle(&runtime, batch(&[("c1", "")]), time).await.is_empty());
    assert!(handle(&runtime, batch(&[("c1", ""), ("c2", "")]), time).await.is_empty());
    assert_eq!(greeted.load(Relaxed), 2, "the repeat was not even decided about");

    // The same id with another content: the ledger knows better.
    let mut other = batch(&[("c1", "")]);
    other.records[0].body = other.records[0].body.take().map(|body| body.replace("a@b.c", "d@e.f"));
    assert!(handle(&runtime, other, time).await.is_empty());
    let letter = store.aws.receive("EmailDeadLetters").await;
    let error = letter.message_attributes().expect("attributes")["fanfare.error"].string_value();
    assert!(error.expect("a reason").contains("applied before with another content"), "{error:?}");

    // An environment that remembers nothing.
    let (consumer, greeted) = greeting();
    let runtime = on(&store, "EmailQueue", consumer);
    assert!(handle(&runtime, batch(&[("c1", "")]), time).await.is_empty());
    assert_eq!(greeted.load(Relaxed), 1, "decided about, to find that it was applied");
    let ledger = in_ledger(&store).await;
    let expected = ["greeting#evt_c1 done", "greeting#evt_c2 done"];
    assert_eq!(ledger, BTreeSet::from(expected.map(str::to_owned)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_not_remembered_as_applied() {
    let store = Store::start(&[]).await;
    let tries = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&tries);
    let consumer = Consumer::new("hesitant", move |_: Event<CustomerRegistered>| {
        let is_first = count.fetch_add(1, Relaxed) == 0;
        async move { if is_first { Err(Failure::retry("not now")) } else { Ok(Work::did("done")) } }
    });
    let runtime = on(&store, "EmailQueue", consumer);
    let time = Duration::from_secs(5);
    assert_eq!(handle(&runtime, batch(&[("c1", "")]), time).await, ["c1"]);
    assert!(handle(&runtime, batch(&[("c1", "")]), time).await.is_empty());
    assert!(in_ledger(&store).await.contains("hesitant#evt_c1 done"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_done_even_if_its_handler_would_refuse_it_now() {
    let store = Store::start(&[]).await;
    let fail: [fn() -> Failure; 2] =
        [|| Failure::permanent("it was spent"), || Failure::retry("not yet")];
    for (name, fail) in ["refusing", "hoping"].into_iter().zip(fail) {
        let calls = Arc::new(AtomicU64::new(0));
        // A process of its own each time, which remembers nothing.
        let handle = async || {
            let count = Arc::clone(&calls);
            let consumer = Consumer::new(name, move |_: Event<CustomerRegistered>| {
                let is_first = count.fetch_add(1, Relaxed) == 0;
                async move { if is_first { Ok(Work::did("spent it")) } else { Err(fail()) } }
            });
            let runtime = on(&store, "EmailQueue", consumer);
            let failed = handle(&runtime, batch(&[("c1", "")]), Duration::from_secs(5)).await;
            assert!(failed.is_empty(), "{failed:?}");
        };

        handle().await;
        handle().await;

        assert!(calls.load(Relaxed) > 1);
        assert!(in_ledger(&store).await.contains(&format!("{name}#evt_c1 done")));
    }
    assert_eq!(store.aws.depth("EmailDeadLetters").await, 0);
}
