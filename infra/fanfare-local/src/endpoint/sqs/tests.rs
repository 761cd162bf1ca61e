//! Answers in SQS's words.

use super::*;
use crate::journal::Journal;
use crate::shutdown;

const URL: &str = "http://127.0.0.1:4566/000000000000/q";

fn queues() -> Queues {
    let (stopper, stop) = shutdown::channel();
    // Kept by a task that never ends: a stopper that is dropped is one that stops.
    tokio::spawn(async move {
        std::future::pending::<()>().await;
        stopper.stop();
    });
    let queues = Queues::new("000000000000", "us-east-1", 4566, stop, Journal::default());
    queues.create("q", [], []).expect("a queue");
    queues
}

async fn ask(queues: &Queues, operation: &str, body: Value) -> Value {
    answer(queues, operation, body.to_string().as_bytes()).await.expect("an answer")
}

async fn refusal(queues: &Queues, operation: &str, body: Value) -> SqsErrorCode {
    answer(queues, operation, body.to_string().as_bytes()).await.expect_err("refused").code
}

#[tokio::test]
async fn a_batch_reports_each_entry_and_a_missing_queue_fails_as_a_whole() {
    let queues = queues();
    let sent = ask(
        &queues,
        "SendMessageBatch",
        json!({"QueueUrl": URL, "Entries": [
            {"Id": "a", "MessageBody": "one", "MessageGroupId": "a tenant makes the queue fair".replace(' ', "-")},
            {"Id": "b", "MessageBody": "two", "MessageDeduplicationId": "only-on-a-FIFO-queue"},
        ]}),
    )
    .await;
    assert_eq!(
        (&sent["Successful"][0]["Id"], &sent["Failed"][0]["Id"]),
        (&json!("a"), &json!("b"))
    );
    assert!(sent["Successful"][0]["MD5OfMessageBody"].is_string(), "{sent}");
    let entries = json!([{"Id": "a", "MessageBody": "x"}]);
    for missing in
        ["http://127.0.0.1:4566/000000000000/none", "http://127.0.0.1:4566/111111111111/q"]
    {
        let body = json!({"QueueUrl": missing, "Entries": entries});
        let code = refusal(&queues, "SendMessageBatch", body).await;
        assert_eq!(code, SqsErrorCode::NonExistentQueue, "{missing}");
    }
}

#[tokio::test]
async fn a_waiting_receiver_is_woken_by_a_send() {
    let queues = queues();
    let waiting = tokio::spawn({
        let queues = queues.clone();
        async move {
            ask(&queues, "ReceiveMessage", json!({"QueueUrl": URL, "WaitTimeSeconds": 20})).await
        }
    });
    // AWS takes a queue's name for its URL.
    ask(&queues, "SendMessage", json!({"QueueUrl": "q", "MessageBody": "hello"})).await;
    assert_eq!(waiting.await.expect("an answer")["Messages"][0]["Body"], "hello");
}

#[tokio::test]
async fn what_aws_refuses_is_refused() {
    use SqsErrorCode as Code;
    let queues = queues();
    let large = "x".repeat(1_048_577);
    let entries = |id: &str| json!({"QueueUrl": URL, "Entries": [{"Id": id, "MessageBody": "x"}]});
    let attribute = |name: &str, kind: &str, value: &str| {
        json!({"QueueUrl": URL, "MessageBody": "x",
            "MessageAttributes": {name: {"DataType": kind, "StringValue": value}}})
    };
    let half = "x".repeat(600_000);
    for (operation, body, expected) in [
        (
            "ReceiveMessage",
            json!({"QueueUrl": URL, "MaxNumberOfMessages": 11}),
            Code::InvalidParameterValue,
        ),
        (
            "ReceiveMessage",
            json!({"QueueUrl": URL, "WaitTimeSeconds": 21}),
            Code::InvalidParameterValue,
        ),
        (
            "ReceiveMessage",
            json!({"QueueUrl": URL, "VisibilityTimeout": 43_201}),
            Code::InvalidParameterValue,
        ),
        ("SendMessage", json!({"QueueUrl": URL, "MessageBody": ""}), Code::MissingParameter),
        (
            "SendMessage",
            json!({"QueueUrl": URL, "MessageBody": "\u{1}"}),
            Code::InvalidParameterValue,
        ),
        (
            "SendMessage",
            json!({"QueueUrl": URL, "MessageBody": large}),
            Code::InvalidParameterValue,
        ),
        (
            "SendMessage",
            json!({"QueueUrl": URL, "MessageBody": "x", "DelaySeconds": 901}),
            Code::InvalidParameterValue,
        ),
        ("SendMessage", attribute("a b", "String", "v"), Code::InvalidParameterValue),
        ("SendMessage", attribute("AWS.a", "String", "v"), Code::InvalidParameterValue),
        ("SendMessage", attribute("a", "Text", "v"), Code::InvalidParameterValue),
        ("SendMessage", attribute("a", "Number", "v"), Code::InvalidParameterValue),
        ("SendMessage", attribute("a", "String", ""), Code::InvalidParameterValue),
        ("SendMessageBatch", entries("a b"), Code::InvalidBatchEntryId),
        ("SendMessageBatch", entries(&"a".repeat(81)), Code::InvalidBatchEntryId),
        ("SendMessageBatch", json!({"QueueUrl": URL, "Entries": []}), Code::EmptyBatchRequest),
        (
            "SendMessageBatch",
            json!({"QueueUrl": URL, "Entries": [
            {"Id": "a", "MessageBody": half}, {"Id": "b", "MessageBody": half}]}),
            Code::BatchRequestTooLong,
        ),
        ("CreateQueue", json!({"QueueName": "q.fifo"}), Code::InvalidParameterValue),
        (
            "CreateQueue",
            json!({"QueueName": "q", "Attributes": {"DelaySeconds": "7"}}),
            Code::QueueAlreadyExists,
        ),
        (
            "GetQueueAttributes",
            json!({"QueueUrl": URL, "AttributeNames": ["Nonsense"]}),
            Code::InvalidAttributeName,
        ),
        (
            "DeleteMessage",
            json!({"QueueUrl": URL, "ReceiptHandle": "garbage"}),
            Code::ReceiptHandleIsInvalid,
        ),
        ("ListQueues", json!({"MaxResults": 0}), Code::InvalidParameterValue),
        ("ListQueues", json!({"NextToken": "-1"}), Code::InvalidParameterValue),
        (
            "StartMessageMoveTask",
            json!({"SourceArn": "arn:aws:sqs:us-east-1:000000000000:q"}),
            Code::InvalidParameterValue,
        ),
        ("CancelMessageMoveTask", json!({"TaskHandle": "none"}), Code::ResourceNotFoundException),
    ] {
        assert_eq!(
            refusal(&queues, operation, body.clone()).await,
            expected,
            "{operation} {:.200}",
            body.to_string()
        );
    }
}

#[tokio::test]
async fn queues_are_listed_page_by_page() {
    let queues = queues();
    for name in ["p1", "p2", "p3"] {
        ask(&queues, "CreateQueue", json!({"QueueName": name})).await;
    }
    let first = ask(&queues, "ListQueues", json!({"QueueNamePrefix": "p", "MaxResults": 2})).await;
    assert_eq!(first["QueueUrls"].as_array().map(Vec::len), Some(2));
    let next = json!({"QueueNamePrefix": "p", "MaxResults": 2, "NextToken": first["NextToken"]});
    let second = ask(&queues, "ListQueues", next).await;
    assert_eq!(second, json!({"QueueUrls": ["http://127.0.0.1:4566/000000000000/p3"]}));
    let beyond = json!({"NextToken": usize::MAX.to_string(), "MaxResults": 2});
    assert_eq!(ask(&queues, "ListQueues", beyond).await, json!({}));
}
