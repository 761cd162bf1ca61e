//! The `inventory` Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), consumer::Error> {
    inventory::consumer().run().await
}
