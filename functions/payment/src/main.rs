//! The `payment` Lambda function.

use composition::Environment;
use payment::Stripe;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), consumer::Error> {
    let environment = Environment::of_process();
    let config = composition::aws_config(&environment).await?;
    payment::consumer(Stripe::from(&environment, &config)?).run().await
}
