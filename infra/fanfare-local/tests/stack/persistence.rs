//! What outlives a runner with a data directory.

use std::path::Path;

use aws_sdk_dynamodb::types::AttributeValue;
use fanfare_local::{Runner, StartError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{dynamodb, options, read_log, ses, sqs, until};

async fn start(folder: &Path) -> Runner {
    let mut options = options(folder);
    options.data = Some(folder.join("data"));
    Runner::start(options).await.expect("a running stack")
}

async fn put(runner: &Runner, id: &str) {
    let table = &runner.stack().outputs["Table"];
    let put = dynamodb(runner.endpoint()).put_item().table_name(table);
    put.item("id", AttributeValue::S(id.to_owned())).send().await.expect("written");
}

async fn logged(folder: &Path, line: &str) {
    until(line, async || read_log(folder).contains(&line.to_owned()).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_items_and_checkpoints_are_there_after_a_graceful_stop() {
    let folder = tempfile::tempdir().expect("a folder");
    let runner = start(folder.path()).await;
    put(&runner, "first").await;
    logged(folder.path(), r#""INSERT" "first""#).await;
    let (client, url) = (sqs(runner.endpoint()), runner.stack().outputs["OtherQueue"].clone());
    for (body, delay) in [("waiting", 0), ("out", 0), ("delayed", 900)] {
        let send = client.send_message().queue_url(&url).message_body(body).delay_seconds(delay);
        send.send().await.expect("sent");
    }
    let out = client
        .receive_message()
        .queue_url(&url)
        .visibility_timeout(600)
        .send()
        .await
        .expect("received");
    assert_eq!(out.messages().len(), 1);
    runner.stop().await.expect("saved");

    let runner = start(folder.path()).await;
    let (client, url) = (sqs(runner.endpoint()), runner.stack().outputs["OtherQueue"].clone());
    let mut bodies = Vec::new();
    while bodies.len() < 2 {
        let receive = client
            .receive_message()
            .queue_url(&url)
            .wait_time_seconds(5)
            .send()
            .await
            .expect("received");
        let messages = receive.messages();
        assert!(!messages.is_empty(), "only {bodies:?}");
        bodies.extend(messages.iter().filter_map(|message| message.body.clone()));
    }
    bodies.sort();
    assert_eq!(bodies, ["out", "waiting"]);
    let attributes =
        client.get_queue_attributes().queue_url(&url).attribute_names("All".into()).send().await;
    let attributes = attributes.expect("attributes").attributes.expect("attributes");
    assert_eq!(attributes[&"ApproximateNumberOfMessagesDelayed".into()], "1");

    put(&runner, "second").await;
    logged(folder.path(), r#""INSERT" "second""#).await;
    let firsts = read_log(folder.path()).iter().filter(|line| line.contains("first")).count();
    assert_eq!(firsts, 1, "the stream goes on from its checkpoint");
    runner.stop().await.expect("saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_and_mails_are_there_without_a_graceful_stop() {
    let folder = tempfile::tempdir().expect("a folder");
    let runner = start(folder.path()).await;
    let (client, url) = (sqs(runner.endpoint()), runner.stack().outputs["OtherQueue"].clone());
    for (body, delay) in [("waiting", 0), ("deleted", 0), ("out", 0), ("delayed", 900)] {
        let send = client.send_message().queue_url(&url).message_body(body).delay_seconds(delay);
        send.send().await.expect("sent");
    }
    let receive = client.receive_message().queue_url(&url).max_number_of_messages(10);
    let received = receive.visibility_timeout(600).send().await.expect("received");
    assert_eq!(received.messages().len(), 3);
    for message in received.messages().iter().filter(|one| one.body() == Some("deleted")) {
        let handle = message.receipt_handle().expect("a handle");
        let delete = client.delete_message().queue_url(&url).receipt_handle(handle);
        delete.send().await.expect("deleted");
    }
    send_mail(&runner).await;
    drop(runner);

    let mut options = options(folder.path());
    options.data = Some(folder.path().join("data"));
    let runner = until("the lock", async || Runner::start(options.clone()).await.ok()).await;
    let (client, url) = (sqs(runner.endpoint()), runner.stack().outputs["OtherQueue"].clone());
    let receive = client.receive_message().queue_url(&url).max_number_of_messages(10);
    let received = receive.visibility_timeout(600).send().await.expect("received");
    let mut bodies: Vec<_> = received.messages().iter().filter_map(|one| one.body()).collect();
    bodies.sort_unstable();
    assert_eq!(bodies, ["out", "waiting"], "what was deleted stays deleted");
    let count = client.get_queue_attributes().queue_url(&url).attribute_names("All".into());
    let attributes = count.send().await.expect("attributes").attributes.expect("attributes");
    assert_eq!(attributes[&"ApproximateNumberOfMessagesDelayed".into()], "1");
    let mailbox = mailbox(&runner).await;
    assert!(mailbox.contains("Your order"), "{mailbox}");
    runner.stop().await.expect("saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_received_too_often_is_a_dead_letter_after_a_kill_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let runner = start(folder.path()).await;
    let client = sqs(runner.endpoint());
    let queue = runner.stack().outputs["Queue"].clone();
    client.send_message().queue_url(&queue).message_body("fail").send().await.expect("sent");
    // The second receive is the last that the queue allows.
    logged(folder.path(), "fail #2 {}").await;
    drop(runner);

    let mut options = options(folder.path());
    options.data = Some(folder.path().join("data"));
    let runner = until("the lock", async || Runner::start(options.clone()).await.ok()).await;
    let (client, url) = (sqs(runner.endpoint()), runner.stack().outputs["DeadLetters"].clone());
    let receive = client.receive_message().queue_url(&url);
    let received = receive.wait_time_seconds(5).send().await.expect("received");
    assert_eq!(received.messages()[0].body(), Some("fail"));
    runner.stop().await.expect("saved");
}

async fn send_mail(runner: &Runner) {
    use aws_sdk_ses::types::{Body, Content, Destination, Message};
    let content = |text: &str| Content::builder().data(text).build().expect("content");
    let body = Body::builder().text(content("thank you")).build();
    let message = Message::builder().subject(content("Your order")).body(body).build();
    let to = Destination::builder().to_addresses("kim@example.com").build();
    let mail = ses(runner.endpoint()).send_email().source("shop@example.com").destination(to);
    mail.message(message).send().await.expect("sent");
}

async fn mailbox(runner: &Runner) -> String {
    let address = runner.endpoint().trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("connected");
    let request =
        format!("GET /_fanfare/mailbox HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_graceful_stop_the_stream_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let runner = start(folder.path()).await;
    put(&runner, "again").await;
    logged(folder.path(), r#""INSERT" "again""#).await;
    drop(runner);
    let mut options = options(folder.path());
    options.data = Some(folder.path().join("data"));
    // The lock is free once the tasks of the first runner have ended.
    let runner = until("the lock", async || Runner::start(options.clone()).await.ok()).await;
    until("the record again", async || {
        let again = read_log(folder.path()).iter().filter(|line| line.contains("again")).count();
        (again == 2).then_some(())
    })
    .await;
    runner.stop().await.expect("saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runners_cannot_share_a_data_directory() {
    let folder = tempfile::tempdir().expect("a folder");
    let runner = start(folder.path()).await;
    let mut options = options(folder.path());
    options.data = Some(folder.path().join("data"));
    let error = Runner::start(options).await.expect_err("in use");
    assert!(matches!(error, StartError::DataInUse(_)), "{error}");
    runner.stop().await.expect("stopped");
}
