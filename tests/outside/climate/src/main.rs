//! The `climate` Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare::Error> {
    climate::climate().run().await
}
