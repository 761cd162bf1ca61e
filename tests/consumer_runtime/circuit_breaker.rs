//! Circuit breakers: what is tried while a dependency is down, and what proves that it works again.

use crate::kit::{batch, handle, in_ledger, with_settings};
use event_schema::CustomerRegistered;
use fanfare::{
    Clients, Clock, Consumer, Environment, Event, Failure, Host, State, Timestamp, Work,
};
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use system_tests::{Aws, Store};

#[tokio::test(flavor = "multi_thread")]
async fn while_a_mail_service_is_down_what_needs_it_is_held_back_and_nothing_else() {
    let store = Store::start(&[]).await;
    let tried = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&tried);
    let send = move |()| {
        count.fetch_add(1, Relaxed);
        std::future::ready(Err::<(), _>(Failure::unavailable("ses", "the mail was not taken")))
    };
    let decide = |event: Event<CustomerRegistered>, _: State| async move {
        Ok(match event.payload.name.as_str() {
            "plain" => Work::did("noted"),
            _ => Work::did("mailed").effect(()),
        })
    };
    let consumer = Consumer::with_effects("mailing", |_| Vec::new(), decide, send);
    let runtime = with_settings(&store, consumer, &[("MAX_TRIES", "2")]);
    let handle = async |name: &str| {
        let failed = handle(&runtime, batch(&[(name, "")]), Duration::from_secs(5)).await;
        (failed.is_empty(), tried.load(Relaxed))
    };

    // The same message, more often than it may fail for a reason of its own.
    for n in 1..=5 {
        assert_eq!(handle("c1").await, (false, n));
    }
    assert_eq!(handle("c2").await, (false, 5), "it is held back");
    assert_eq!(handle("plain").await, (true, 5), "it needs no mail");

    let ledger = in_ledger(&store).await;
    let expected = ["mailing#evt_c1 failed", "mailing#evt_plain done"];
    assert_eq!(ledger, BTreeSet::from(expected.map(str::to_owned)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hangs_at_the_end_of_a_batch_outlasts_no_invocation_and_the_breakers_learn_of_it() {
    // It takes connections, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("its address"));
    let (dynamodb, sqs) = Aws::at(&url).await.clients();
    let handled = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&handled);
    let consumer = Consumer::new("hangs", move |_: Event<CustomerRegistered>| {
        count.fetch_add(1, Relaxed);
        async { Err(Failure::retry("not now")) }
    });
    let environment = Environment::from_iter([("LEDGER_TABLE", "ledger"), ("QUEUE_URL", "queue")]);
    let runtime = consumer.on(Clients { dynamodb, sqs }, &environment, Host::real());
    let runtime = runtime.expect("it is set up");

    for _ in 0..6 {
        let time = Duration::from_millis(500);
        let handle = handle(&runtime, batch(&[("c1", "")]), time);
        // Twice the time, for a machine that is busy.
        let failed = tokio::time::timeout(2 * time, handle).await.expect("it ends in time");
        assert_eq!(failed, ["c1"]);
    }

    assert_eq!(handled.load(Relaxed), 5, "the sixth is held back");
}

/// The machine's clock, and so many seconds.
#[derive(Clone, Default)]
struct Ahead(Arc<AtomicU64>);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        Timestamp::now() + Duration::from_secs(self.0.load(Relaxed))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remembered_repeat_proves_nothing_about_a_service_that_was_down() {
    let store = Store::start(&[]).await;
    let tried = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&tried);
    let send = move |()| {
        let is_first = count.fetch_add(1, Relaxed) == 0;
        let down = || Failure::unavailable("ses", "the mail was not taken");
        std::future::ready(if is_first { Ok(()) } else { Err(down()) })
    };
    let decide =
        |_: Event<CustomerRegistered>, _: State| async { Ok(Work::did("mailed").effect(())) };
    let consumer = Consumer::with_effects("mailing", |_| Vec::new(), decide, send);
    let clock = Ahead::default();
    let (dynamodb, sqs) = store.aws.clients();
    let settings = [("LEDGER_TABLE", "fanfare-LedgerTable"), ("QUEUE_URL", "none")];
    let host = Host::simulated(clock.clone(), 1);
    let runtime = consumer
        .on(Clients { dynamodb, sqs }, &Environment::from_iter(settings), host)
        .expect("it is set up");
    let handle = async |names: &[&str]| {
        let messages: Vec<_> = names.iter().map(|name| (*name, "")).collect();
        let deadline = clock.now() + Duration::from_secs(5);
        runtime.handle(batch(&messages), deadline).await;
        tried.load(Relaxed)
    };

    assert_eq!(handle(&["c0"]).await, 1, "it works");
    assert_eq!(handle(&["c1", "c2", "c3", "c4", "c5"]).await, 6);
    for n in 6..10 {
        handle(&[&format!("c{n}")]).await;
    }
    let down = tried.load(Relaxed);
    assert_eq!(handle(&["c10"]).await, down, "the circuit breaker is open");

    clock.0.store(60, Relaxed);
    let tried = handle(&["c0", "c11", "c12"]).await;
    assert_eq!(
        tried,
        down + 1,
        "the repeat is no probe, the next one is, and the last is held back"
    );
}
