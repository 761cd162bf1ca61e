//! The `checkout` Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare::Error> {
    checkout::consumer().run().await
}
