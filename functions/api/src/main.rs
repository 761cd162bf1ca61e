//! The `api` Lambda function.

use api::Api;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare_http::Error> {
    fanfare_http::run(Api::new).await
}
