//! A Lambda function that does nothing.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    floors::do_nothing().await
}
