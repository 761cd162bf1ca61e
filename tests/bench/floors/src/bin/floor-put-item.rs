//! A Lambda function that does one PutItem a message.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    floors::put_each().await
}
