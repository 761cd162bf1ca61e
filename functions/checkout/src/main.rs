//! The `checkout` Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), consumer::Error> {
    checkout::consumer().run().await
}
