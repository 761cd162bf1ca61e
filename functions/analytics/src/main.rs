//! The `analytics` Lambda function.

use read_models::sales::Shard;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare::Error> {
    // Each execution environment counts in a shard of its own, or nearly.
    analytics::consumer(Shard::of(fastrand::u32(..))).run().await
}
