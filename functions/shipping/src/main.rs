//! The `shipping` Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare::Error> {
    shipping::consumer().run().await
}
