//! The `thermometer` Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare::Error> {
    thermometer::thermometer().run().await
}
