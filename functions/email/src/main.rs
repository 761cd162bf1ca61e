//! The `email` Lambda function.

use email::Mailer;
use fanfare_bootstrap::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), fanfare::Error> {
    let environment = Environment::of_process();
    let config = fanfare_bootstrap::aws_config(&environment).await?;
    let mailer = Mailer::new(&config, environment.required("SENDER_ADDRESS")?);
    email::consumer(move |mail| mailer.clone().send(mail)).run().await
}
