//! The `analytics` Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare::Error> {
    analytics::consumer().run().await
}
