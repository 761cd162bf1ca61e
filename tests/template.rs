//! The store's own template, whole, as the runner loads it.

use fanfare_local::template::stack::{Authorization, Route, Source, Stack};
use fanfare_local::template::{Context, load};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use system_tests::repository;

const QUEUES: [&str; 7] = [
    "EmailQueue",
    "InventoryQueue",
    "PaymentQueue",
    "CheckoutQueue",
    "ShippingQueue",
    "AnalyticsQueue",
    "ViewsQueue",
];

fn store(front: &str) -> Stack {
    let context = Context {
        stack_name: "shop".into(),
        region: "eu-west-1".into(),
        account_id: "000000000000".into(),
        endpoint: "http://127.0.0.1:4566".into(),
        api_endpoint: "http://127.0.0.1:8080".into(),
        parameters: BTreeMap::from([("ApiFront".into(), front.into())]),
        skip_unsupported: false,
    };
    load(&repository().join("infra/template.yaml"), &context).expect("the store's template")
}

#[test]
fn either_front_is_one_catch_all_route_to_the_api() {
    for front in ["http-api", "function-url"] {
        let stack = store(front);

        assert_eq!(
            stack.routes,
            [Route {
                key: "$default".into(),
                function: "ApiFunction".into(),
                authorization: Authorization::Iam
            }]
        );
        assert_eq!(stack.outputs["ApiUrl"], "http://127.0.0.1:8080");
        assert_eq!(
            stack.outputs["EventsTopic"],
            "arn:aws:sns:eu-west-1:000000000000:shop-EventsTopic"
        );
    }
}

#[test]
fn every_consumer_has_a_queue_with_a_dead_letter_queue() {
    let stack = store("http-api");

    for id in QUEUES {
        let queue = stack.queues.iter().find(|queue| queue.logical_id == id).expect("a queue");
        let dead_letters = id.replace("Queue", "DeadLetters");

        assert_eq!(queue.name, format!("shop-{id}"));
        assert_eq!(queue.arn, format!("arn:aws:sqs:eu-west-1:000000000000:shop-{id}"));
        assert_eq!(queue.url, format!("http://127.0.0.1:4566/000000000000/shop-{id}"));
        assert_eq!(queue.attributes["VisibilityTimeout"], "60");
        let policy: serde_json::Value =
            serde_json::from_str(&queue.attributes["RedrivePolicy"]).expect("a redrive policy");
        let target = format!("arn:aws:sqs:eu-west-1:000000000000:shop-{dead_letters}");
        assert_eq!(policy, json!({ "deadLetterTargetArn": target, "maxReceiveCount": 1000 }));
    }
}

#[test]
fn a_subscription_filters_by_its_row_of_the_mapping() {
    let stack = store("http-api");

    let email = &stack.subscriptions[0];
    assert_eq!(email.logical_id, "EmailSubscription");
    assert_eq!(email.queue_arn, "arn:aws:sqs:eu-west-1:000000000000:shop-EmailQueue");
    assert_eq!(
        email.filter_policy,
        Some(json!({ "eventType": [
            "CustomerRegistered",
            "CustomerUpdated",
            "OrderPlaced",
            "OrderConfirmed",
            "OrderShipped",
            "OrderCancelled",
        ] }))
    );
    assert!(email.raw);
    assert_eq!(
        email.dead_letter_queue_arn.as_deref(),
        Some("arn:aws:sqs:eu-west-1:000000000000:shop-EmailDeadLetters")
    );
}

#[test]
fn the_relay_reads_inserts_from_the_start_of_the_stream() {
    let stack = store("http-api");

    let relay = &stack.mappings[0];
    assert_eq!(
        (relay.logical_id.as_str(), relay.function.as_str()),
        ("RelayFunctionEventStore", "RelayFunction")
    );
    assert_eq!((relay.batch_size, relay.report_batch_item_failures), (100, true));
    assert_eq!(relay.filters, [json!({ "eventName": ["INSERT"] })]);
    assert_eq!(
        relay.source,
        Source::Stream {
            arn: stack.tables[0].stream_arn.clone().expect("a stream"),
            from_start: true,
            maximum_retry_attempts: None,
            maximum_record_age: Some(Duration::from_secs(72_000)),
            bisect_on_error: true,
            on_failure_queue_arn: Some(
                "arn:aws:sqs:eu-west-1:000000000000:shop-RelayDeadLetters".into()
            ),
        }
    );
}

#[test]
fn a_consumer_takes_ten_messages_at_a_time_twice_over() {
    let stack = store("http-api");

    let email = stack
        .mappings
        .iter()
        .find(|mapping| mapping.function == "EmailFunction")
        .expect("a mapping");
    assert_eq!(
        (email.batch_size, email.batching_window, email.enabled),
        (10, Duration::ZERO, true)
    );
    assert!(email.report_batch_item_failures);
    let arn = "arn:aws:sqs:eu-west-1:000000000000:shop-EmailQueue".into();
    assert_eq!(email.source, Source::Queue { arn, maximum_concurrency: Some(2) });
}

#[test]
fn functions_get_the_globals_their_code_and_their_environment() {
    let stack = store("http-api");

    let api = stack
        .functions
        .iter()
        .find(|function| function.logical_id == "ApiFunction")
        .expect("the API");
    assert_eq!(api.name, "shop-api");
    assert!(api.code.ends_with("target/lambda/api"), "{}", api.code.display());
    assert_eq!((api.timeout, api.memory_mb), (Duration::from_secs(10), 256));
    assert_eq!(api.environment["EVENTS_TABLE"], "shop-EventsTable");
    let subscriptions = &api.environment["SUBSCRIPTIONS"];
    assert!(
        subscriptions.starts_with("email=CustomerRegistered,CustomerUpdated,"),
        "{subscriptions}"
    );
    assert!(subscriptions.contains(";inventory=OrderPlaced,OrderShipped,OrderCancelled;"));
    assert_eq!(subscriptions.split(';').count(), QUEUES.len());
}

#[test]
fn a_table_is_the_request_that_creates_it() {
    let stack = store("http-api");

    let ledger =
        stack.tables.iter().find(|table| table.logical_id == "LedgerTable").expect("the ledger");
    assert_eq!(
        ledger.create,
        json!({
            "TableName": "shop-LedgerTable",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        })
    );
    assert_eq!(ledger.ttl_attribute.as_deref(), Some("expiresAt"));
    let events = &stack.tables[0].create;
    assert_eq!(
        events["StreamSpecification"],
        json!({ "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" })
    );
    assert_eq!(
        events["GlobalSecondaryIndexes"][0]["Projection"],
        json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": ["envelope"] })
    );
}

#[test]
fn the_sweep_runs_every_minute_and_knows_how_patient_to_be() {
    let stack = store("http-api");

    let sweep = stack.mappings.iter().find(|mapping| mapping.function == "SweepFunction");
    let Source::Schedule { every, .. } = &sweep.expect("a schedule").source else {
        panic!("the sweep has another source")
    };
    assert_eq!(*every, Duration::from_secs(60));
    let function =
        stack.functions.iter().find(|f| f.logical_id == "SweepFunction").expect("the function");
    assert_eq!(function.environment["SAGA_TIMEOUT_SECONDS"], "900");
}
