//! The `inventory` Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare::Error> {
    inventory::consumer().run().await
}
