//! The `shipping` Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), consumer::Error> {
    shipping::consumer().run().await
}
