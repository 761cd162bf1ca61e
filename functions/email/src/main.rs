//! The `email` Lambda function.

use composition::Environment;
use email::Mailer;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), consumer::Error> {
    let environment = Environment::of_process();
    let config = composition::aws_config(&environment).await?;
    let mailer = Mailer::new(&config, environment.required("SENDER_ADDRESS")?);
    email::consumer(move |mail| mailer.clone().send(mail)).run().await
}
