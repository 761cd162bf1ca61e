//! The `relay` Lambda function: publishes every event of the event store on the topic.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare_relay::Error> {
    fanfare_relay::run().await
}
