//! The views, built anew.

use crate::support::{Past, When, expected, past, shuffled};
use fanfare_event::Timestamp;
use fanfare_operate::Stop;

use read_models::views::{Control, Generation};
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use views_rebuild::{RebuildError, Rebuilding, Rebuilt};

/// Waits for a future from within a callback.
fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(future))
}

async fn rebuild(stack: &Past) -> Result<Rebuilt, RebuildError> {
    views_rebuild::rebuild(&stack.connection, &Rebuilding::default(), &(), &Stop::default()).await
}

/// Lets the lease of the rebuild that is under way run out, as it does while that one's machine sleeps.
async fn sleep_over(stack: &Past) {
    let mut item = serde_json::to_value(stack.control().await).unwrap();
    item["rebuild"]["leaseUntil"] = json!(0);
    item["pk"] = json!("control");
    item["sk"] = json!("control");
    stack.put("ViewsTable", item).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rebuilt_views_equal_the_live_ones() {
    let stack = Past::start().await;
    let events = past(8);
    stack.happened(&events).await;
    stack.heard(&shuffled(&events)).await;
    let live = stack.shown().await;
    assert_eq!(live, expected(&events));

    let rebuilt = rebuild(&stack).await.unwrap();

    assert_eq!((rebuilt.generation, rebuilt.events), (2, events.len() as u64));
    assert_eq!(stack.shown().await, live);
    let control = Control { active: Generation(2), newest: Generation(2), ..Control::default() };
    assert_eq!(stack.control().await, control);
    // And once more, into the places that the first generation left.
    assert_eq!(rebuild(&stack).await.unwrap().generation, 3);
    assert_eq!(stack.shown().await, live);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupted_table_comes_out_whole() {
    let stack = Past::start().await;
    let events = past(8);
    stack.happened(&events).await;
    stack.heard(&events).await;
    for (n, broken) in [
        json!({"generation": 1, "facts": "none", "revision": 4}),
        json!({"generation": "x", "revision": "y"}),
        json!({"generation": 1, "facts": {"happened": ["shipped"]}, "revision": 1}),
        json!({"generation": 2, "facts": {"happened": ["shipped"]}, "revision": 90}),
    ]
    .into_iter()
    .enumerate()
    {
        for place in ["odd", "even"] {
            let mut item = broken.clone();
            item["pk"] = json!(format!("order#ord_{n}"));
            item["sk"] = json!(place);
            stack.put("ViewsTable", item).await;
        }
    }
    stack.put("ViewsTable", json!({"pk": "counts", "sk": "1", "placed": 77, "lost": "x"})).await;
    stack.put("ViewsTable", json!({"pk": "counts", "sk": "2", "placed": 5})).await;
    stack.put("ViewsTable", json!({"pk": "junk", "sk": "junk"})).await;
    let key = |name: &str| aws_sdk_dynamodb::types::AttributeValue::S(name.to_owned());
    let delete = stack.dynamodb.delete_item().table_name("fanfare-ViewsTable");
    delete.key("pk", key("order#ord_5")).key("sk", key("odd")).send().await.unwrap();

    rebuild(&stack).await.unwrap();

    assert_eq!(stack.shown().await, expected(&events));
    let junk = stack.items("ViewsTable").await.into_iter().find(|item| item["pk"] == "junk");
    assert_eq!(junk, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilds_while_events_keep_flowing_miss_nothing_and_readers_see_no_hole() {
    let stack = Past::start().await;
    let events = past(24);
    let (before, after) = events.split_at(40);
    stack.happened(before).await;
    stack.heard(before).await;
    let first = stack.shown().await.len();
    let over = AtomicBool::new(false);
    let rounds = AtomicUsize::new(0);

    let live = async {
        for batch in shuffled(after).chunks(7) {
            stack.happened(batch).await;
            stack.heard(batch).await;
        }
        over.store(true, SeqCst);
    };
    let rebuilds = async {
        while !over.load(SeqCst) {
            rebuild(&stack).await.unwrap();
            rounds.fetch_add(1, SeqCst);
        }
    };
    let readers = async {
        while !over.load(SeqCst) {
            let active = stack.control().await.active;
            let shown = stack.shown().await.len();
            // A reader looks again when another generation took over meanwhile.
            if stack.control().await.active == active {
                assert!(shown >= first, "{shown} of {first} in generation {active}");
            }
        }
    };
    tokio::join!(live, rebuilds, readers);

    assert!(rounds.load(SeqCst) > 0);
    assert_eq!(stack.shown().await, expected(&events));
    rebuild(&stack).await.unwrap();
    assert_eq!(stack.shown().await, expected(&events));
}

/// Fails when the live function writes into the generation that is read alone.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_happens_once_the_event_store_was_read_is_in_the_rebuilt_views() {
    let stack = Past::start().await;
    let events = past(4);
    let (before, late) = events.split_at(events.len() - 3);
    stack.happened(before).await;
    stack.heard(before).await;
    let is_adding = AtomicBool::new(false);
    // All events are on one page: when it has gone, the event store was read.
    let happen = When(
        |what: &str| is_adding.store(what == "adding events", SeqCst),
        || {
            if is_adding.load(SeqCst) {
                wait(async {
                    stack.happened(late).await;
                    stack.heard(late).await;
                });
            }
        },
    );
    let stop = Stop::default();
    views_rebuild::rebuild(&stack.connection, &Rebuilding::default(), &happen, &stop)
        .await
        .unwrap();
    assert_eq!(stack.shown().await, expected(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_rebuild_at_the_same_time_is_refused() {
    let stack = Past::start().await;
    let events = past(4);
    stack.happened(&events).await;
    let refused = AtomicUsize::new(0);
    let second = When(
        |what: &str| {
            if what == "adding events" {
                let error = wait(rebuild(&stack)).expect_err("one is under way");
                assert!(matches!(error, RebuildError::Busy { .. }), "{error}");
                refused.fetch_add(1, SeqCst);
            }
        },
        || {},
    );
    views_rebuild::rebuild(&stack.connection, &Rebuilding::default(), &second, &Stop::default())
        .await
        .unwrap();
    assert_eq!(refused.load(SeqCst), 1);
    assert_eq!(stack.shown().await, expected(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_rebuild_changes_nothing_and_another_can_begin_at_once() {
    let stack = Past::start().await;
    let events = past(8);
    stack.happened(&events).await;
    stack.heard(&events).await;
    let stop = Stop::default();
    let interrupt = When(
        |what: &str| {
            if what == "adding events" {
                stop.request();
            }
        },
        || {},
    );

    let rebuilt =
        views_rebuild::rebuild(&stack.connection, &Rebuilding::default(), &interrupt, &stop).await;

    assert!(matches!(rebuilt, Err(RebuildError::Interrupted)), "{rebuilt:?}");
    let control = Control { newest: Generation(2), ..Control::default() };
    assert_eq!(stack.control().await, control);
    assert_eq!(stack.shown().await, expected(&events));
    // The second generation was begun, and is not taken up again.
    assert_eq!(rebuild(&stack).await.unwrap().generation, 4);
    assert_eq!(stack.shown().await, expected(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_was_killed_is_in_the_way_until_its_lease_is_over() {
    let stack = Past::start().await;
    let events = past(8);
    stack.happened(&events).await;
    let killed = |until: Timestamp| {
        json!({"pk": "control", "sk": "control", "active": 1, "building": 2, "newest": 2,
               "rebuild": {"token": "killed", "leaseUntil": until.as_millisecond()}})
    };
    let soon = Timestamp::now() + std::time::Duration::from_secs(60);
    stack.put("ViewsTable", killed(soon)).await;
    // Both generations have all, as they would.
    stack.heard(&events).await;
    assert!(matches!(rebuild(&stack).await, Err(RebuildError::Busy { .. })));

    stack.put("ViewsTable", killed(Timestamp::now())).await;
    assert_eq!(rebuild(&stack).await.unwrap().generation, 4);
    assert_eq!(stack.shown().await, expected(&events));
}

/// Fails without the fence in the builder's transactions: nothing but the control item tells of the successor yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_was_taken_for_dead_leaves_the_field_to_its_successor() {
    let stack = Past::start().await;
    stack.happened(&past(4)).await;
    let successor = json!({"pk": "control", "sk": "control", "active": 1, "building": 4, "newest": 4,
                           "rebuild": {"token": "other", "leaseUntil": i64::MAX}});
    let take_over = When(
        |what: &str| {
            if what == "adding events" {
                wait(stack.put("ViewsTable", successor.clone()));
            }
        },
        || {},
    );
    let rebuilt = views_rebuild::rebuild(
        &stack.connection,
        &Rebuilding::default(),
        &take_over,
        &Stop::default(),
    )
    .await;
    assert!(matches!(rebuilt, Err(RebuildError::TakenOver)), "{rebuilt:?}");
    assert_eq!(stack.control().await.building, Some(Generation(4)));
    let written =
        stack.items("ViewsTable").await.into_iter().filter(|item| item["pk"] != "control");
    assert_eq!(written.collect::<Vec<_>>(), []);
}

/// Fails when what is of a newer generation is written over, or cleared.
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_that_slept_while_its_successor_finished_changes_nothing_of_it() {
    for phase in [
        "clearing what is left of former rebuilds",
        "adding events",
        "clearing what was shown before",
    ] {
        let stack = Past::start().await;
        let events = past(8);
        stack.happened(&events).await;
        stack.heard(&events).await;
        let left = std::sync::Mutex::new(Vec::new());
        let sleep = When(
            |what: &str| {
                if what == phase {
                    wait(async {
                        sleep_over(&stack).await;
                        rebuild(&stack).await.unwrap();
                        *left.lock().unwrap() = stack.items("ViewsTable").await;
                    });
                }
            },
            || {},
        );

        let woken = views_rebuild::rebuild(
            &stack.connection,
            &Rebuilding::default(),
            &sleep,
            &Stop::default(),
        )
        .await;

        let was_shown = phase == "clearing what was shown before";
        assert!(
            matches!(woken, Err(RebuildError::TakenOver)) || was_shown && woken.is_ok(),
            "{phase}: {woken:?}"
        );
        assert_eq!(stack.items("ViewsTable").await, left.into_inner().unwrap(), "{phase}");
        assert_eq!(stack.shown().await, expected(&events), "{phase}");
    }
}

/// Fails when nothing but the last order is looked for in the index.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_while_the_index_lacks_orders_of_an_early_page() {
    let stack = Past::start().await;
    // More than a page of placed orders, wherever they lie.
    let events = past(120);
    stack.happened(&events).await;
    stack.heard(&events).await;
    let is_adding = AtomicBool::new(false);
    // The orders of the first page that has any go from the table, and with it from the index.
    let lose = When(
        |what: &str| is_adding.store(what == "adding events", SeqCst),
        || {
            if is_adding.load(SeqCst) {
                is_adding.store(wait(stack.lose_orders(2)) == 0, SeqCst);
            }
        },
    );
    let patience = std::time::Duration::from_millis(100);
    let rebuilding = Rebuilding { patience, ..Rebuilding::default() };

    let rebuilt =
        views_rebuild::rebuild(&stack.connection, &rebuilding, &lose, &Stop::default()).await;

    let error = fanfare_bootstrap::ErrorChain(&rebuilt.unwrap_err()).to_string();
    assert!(error.contains("it lags for too long"), "{error}");
    assert_eq!(stack.control().await.active, Generation(1));
    assert_eq!(stack.shown().await, expected(&events));
}

/// Whoever deletes the item with the generations has lost nothing but a rebuild's time.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_has_lost_its_generations_comes_out_whole() {
    let stack = Past::start().await;
    let events = past(4);
    stack.happened(&events).await;
    rebuild(&stack).await.unwrap();
    rebuild(&stack).await.unwrap();
    let control = aws_sdk_dynamodb::types::AttributeValue::S("control".to_owned());
    let delete = stack.dynamodb.delete_item().table_name("fanfare-ViewsTable");
    delete.key("pk", control.clone()).key("sk", control).send().await.unwrap();

    let rebuilt = rebuild(&stack).await.unwrap();

    assert_eq!(rebuilt.generation, 4);
    assert_eq!(stack.shown().await, expected(&events));
}
