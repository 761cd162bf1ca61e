//! From a topic, a queue or a table to a function.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_sdk_sqs::types::QueueAttributeName;

use crate::support::{Probe, until};

fn attribute(data_type: &str, value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder()
        .data_type(data_type)
        .string_value(value)
        .build()
        .expect("an attribute")
}

async fn publish(probe: &Probe, message: &str, kind: &str, size: u32) {
    let published = probe
        .sns()
        .publish()
        .topic_arn(probe.output("Topic"))
        .message(message)
        .message_attributes("kind", attribute("String", kind))
        .message_attributes("size", attribute("Number", &size.to_string()))
        .send()
        .await;
    published.expect("published");
}

async fn receive(probe: &Probe, queue: &str) -> String {
    let (sqs, url) = (probe.sqs(), probe.output(queue));
    let received = until(queue, async || {
        let got = sqs
            .receive_message()
            .queue_url(&url)
            .wait_time_seconds(1)
            .send()
            .await
            .expect("received");
        got.messages.and_then(|mut messages| messages.pop())
    });
    received.await.body.expect("a body")
}

async fn put(probe: &Probe, id: &str, fails: bool) {
    let put = probe.dynamodb().put_item().table_name(probe.output("Table"));
    let put =
        put.item("id", AttributeValue::S(id.to_owned())).item("fails", AttributeValue::Bool(fails));
    put.send().await.expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_subscription_hands_on_what_its_filter_lets_through_with_attributes() {
    let probe = Probe::start().await;
    publish(&probe, "not wanted", "unwanted", 1).await;
    publish(&probe, "too large", "wanted", 10).await;
    publish(&probe, "hello", "also-wanted", 9).await;
    let line = probe.logged("hello").await;
    assert!(line.contains(r#""size":{"#) && line.contains(r#""stringValue":"9""#), "{line}");
    assert!(line.contains(r#""dataType":"Number""#), "{line}");
    assert_eq!(probe.log().len(), 1, "{:?}", probe.log());
    // The other subscription has no filter, and wants the envelope.
    let envelopes = [receive(&probe, "OtherQueue").await, receive(&probe, "OtherQueue").await];
    assert!(
        envelopes.iter().all(|envelope| envelope.contains(r#""Type":"Notification""#)),
        "{envelopes:?}"
    );
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_publish_reports_each_entry() {
    use aws_sdk_sns::types::PublishBatchRequestEntry as Entry;
    let probe = Probe::start().await;
    let entry = |id: &str, message: &str| {
        let entry = Entry::builder().id(id).message(message);
        let entry = entry.message_attributes("kind", attribute("String", "wanted"));
        entry.message_attributes("size", attribute("Number", "1")).build().expect("an entry")
    };
    let batch = probe.sns().publish_batch().topic_arn(probe.output("Topic"));
    let batch = batch.publish_batch_request_entries(entry("good", "batched"));
    let batch = batch.publish_batch_request_entries(entry("bad", &"x".repeat(300 * 1024)));
    let answer = batch.send().await.expect("published in part");
    assert_eq!((answer.successful()[0].id(), answer.failed()[0].id()), (Some("good"), "bad"));
    probe.logged("batched").await;
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_message_comes_again_alone_and_then_goes_to_the_dead_letters() {
    use aws_sdk_sqs::types::SendMessageBatchRequestEntry as Entry;
    let probe = Probe::start().await;
    let entry =
        |body: &str| Entry::builder().id(body).message_body(body).build().expect("an entry");
    let batch = probe.sqs().send_message_batch().queue_url(probe.output("Queue"));
    batch.entries(entry("fail")).entries(entry("good")).send().await.expect("sent");
    probe.logged("fail #2").await;
    assert_eq!(receive(&probe, "DeadLetters").await, "fail");
    let good = probe.log().iter().filter(|line| line.starts_with("good")).count();
    assert_eq!(good, 1, "{:?}", probe.log());
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_brings_the_message_back_to_another_process() {
    let probe = Probe::start().await;
    let send =
        probe.sqs().send_message().queue_url(probe.output("Queue")).message_body("crash once");
    send.send().await.expect("sent");
    probe.logged("crash once #2").await;
    let statistics = probe.runner.statistics();
    let function =
        statistics.functions.iter().find(|function| function.logical_id == "QueueFunction");
    let function = function.expect("its statistics");
    assert_eq!((function.crashes, function.starts), (1, 2), "{function:?}");
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_read_in_order_and_filtered() {
    let probe = Probe::start().await;
    for n in 0..25 {
        put(&probe, &format!("item-{n:02}"), false).await;
    }
    put(&probe, "item-00", false).await; // MODIFY, which nobody wants
    put(&probe, "last", false).await;
    probe.logged(r#""INSERT" "last""#).await;
    let inserts: Vec<String> = (0..25).map(|n| format!(r#""INSERT" "item-{n:02}""#)).collect();
    assert_eq!(probe.log()[..25], inserts);
    assert_eq!(probe.log().len(), 26, "{:?}", probe.log());
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_record_that_keeps_failing_is_given_up_to_the_queue_and_the_rest_goes_on() {
    let probe = Probe::start().await;
    put(&probe, "before", false).await;
    put(&probe, "poison", true).await;
    probe.logged(r#""INSERT" "poison""#).await;
    let notice = receive(&probe, "DeadLetters").await;
    assert!(
        notice.contains("RetryAttemptsExhausted") && notice.contains("DDBStreamBatchInfo"),
        "{notice}"
    );
    put(&probe, "after", false).await;
    probe.logged(r#""INSERT" "after""#).await;
    let before = probe.log().iter().filter(|line| line.ends_with(r#""before""#)).count();
    assert_eq!(before, 1, "what was dealt with does not come again: {:?}", probe.log());
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_changes_nothing_is_no_event_of_the_stream() {
    let probe = Probe::start().await;
    put(&probe, "same", false).await;
    put(&probe, "same", false).await;
    let update = probe.dynamodb().update_item().table_name(probe.output("Table"));
    let update = update.key("id", AttributeValue::S("same".to_owned()));
    let update = update.update_expression("SET fails = :same");
    let update = update.expression_attribute_values(":same", AttributeValue::Bool(false));
    update.send().await.expect("written");
    put(&probe, "last", false).await;
    probe.logged(r#""INSERT" "last""#).await;
    let mappings = probe.runner.statistics().mappings;
    let stream = mappings.iter().find(|mapping| mapping.logical_id == "StreamFunctionChanges");
    let filtered = stream.expect("the mapping").filtered_records;
    assert_eq!(filtered, 0, "a MODIFY came, which the mapping filters out");
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fifo_queue_refuses_the_handle_of_a_message_that_came_back() {
    let probe = Probe::start().await;
    let sqs = probe.sqs();
    let created = sqs.create_queue().queue_name("late.fifo");
    let created = created.attributes(QueueAttributeName::FifoQueue, "true").send().await;
    let url = created.expect("created").queue_url.expect("a URL");
    let send = sqs.send_message().queue_url(&url).message_body("one").message_group_id("g");
    send.message_deduplication_id("1").send().await.expect("sent");
    let receive =
        || sqs.receive_message().queue_url(&url).wait_time_seconds(5).visibility_timeout(1);
    let first = receive().send().await.expect("received").messages.expect("a message");
    let again = receive().send().await.expect("received").messages.expect("it came back");

    let handle = first[0].receipt_handle().expect("a handle");
    let late = sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await;

    let refused = late.expect_err("it expired").into_service_error();
    assert_eq!(refused.meta().code(), Some("InvalidParameterValue"), "{refused:?}");
    let handle = again[0].receipt_handle().expect("a handle");
    sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await.expect("deleted");
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_beyond_sqs_s_limits_is_refused() {
    let probe = Probe::start().await;
    let (sqs, url) = (probe.sqs(), probe.output("OtherQueue"));
    let receive = || sqs.receive_message().queue_url(&url);
    for (beyond, value, name) in [
        (receive().max_number_of_messages(11), 11, "MaxNumberOfMessages"),
        (receive().wait_time_seconds(21), 21, "WaitTimeSeconds"),
        (receive().visibility_timeout(43_201), 43_201, "VisibilityTimeout"),
    ] {
        let refused = beyond.send().await.expect_err(name).into_service_error();
        assert_eq!(refused.meta().code(), Some("InvalidParameterValue"), "{refused:?}");
        let said = refused.meta().message().unwrap_or_default();
        assert!(
            said.starts_with(&format!("Value {value} for parameter {name} is invalid")),
            "{said}"
        );
    }
    let late = sqs.send_message().queue_url(&url).message_body("a").delay_seconds(901).send().await;
    let refused = late.expect_err("a limit").into_service_error();
    assert_eq!(refused.meta().code(), Some("InvalidParameterValue"));
    probe.stop().await.expect("stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_replaced_under_load_loses_nothing_and_fails_nothing() {
    use aws_sdk_sqs::types::SendMessageBatchRequestEntry as Entry;
    let probe = Probe::start().await;
    let program = probe.runner.programs().next().expect("a function").1.to_owned();
    let (sqs, queue) = (probe.sqs(), probe.output("Queue"));
    for batch in 0..20 {
        let entries = (0..10).map(|n| {
            let body = format!("under load {}", batch * 10 + n);
            Entry::builder().id(n.to_string()).message_body(body).build().expect("an entry")
        });
        let send = sqs.send_message_batch().queue_url(&queue).set_entries(Some(entries.collect()));
        send.send().await.expect("sent");
        probe.runner.replace(&program).await;
    }
    until("200 messages", async || (probe.log().len() >= 200).then_some(())).await;
    let mut log = probe.log();
    log.sort_unstable();
    log.dedup();
    assert_eq!(log.len(), 200, "each came once");
    assert!(log.iter().all(|line| line.contains("#1")), "none came again: {log:?}");
    let statistics = probe.runner.statistics();
    let failed: u64 = statistics.mappings.iter().map(|mapping| mapping.failed_records).sum();
    let functions = || statistics.functions.iter();
    let crashes: u64 = functions().map(|function| function.crashes).sum();
    let starts: u64 = functions().map(|function| function.starts).sum();
    assert_eq!((failed, crashes), (0, 0));
    assert!(starts > 3, "the program was replaced: {starts} starts");
    probe.stop().await.expect("stopped");
}
