//! The `relay` Lambda function: publishes every event of the store on the events topic.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare_relay::Error> {
    fanfare_relay::run().await
}
