//! The `payment` Lambda function.

use fanfare_bootstrap::Environment;
use payment::Stripe;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare::Error> {
    let environment = Environment::of_process();
    let config = fanfare_bootstrap::aws_config(&environment).await?;
    payment::consumer(Stripe::from(&environment, &config)?).run().await
}
