//! Sends mails by SES.

use crate::Mail;
use aws_sdk_ses::Client;
use aws_sdk_ses::config::retry::RetryConfig;
use aws_sdk_ses::config::timeout::TimeoutConfig;
use aws_sdk_ses::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_ses::operation::send_email::SendEmailError;
use aws_sdk_ses::types::{Body, Content, Destination, Message};
use fanfare::Failure;
use fanfare_bootstrap::SdkConfig;
use std::time::Duration;

/// A connection that takes longer than this is given up on: nothing was sent.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long SES may take to answer: longer than it ever does, and less than an invocation has (`FunctionTimeout`). Given up
/// sooner, a mail that was taken would go out again.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(7);

/// Sends mails from one address. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    sender: String,
}

impl Mailer {
    /// A mailer that sends from `sender`, which SES must have verified.
    pub fn new(config: &SdkConfig, sender: impl Into<String>) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ANSWER_TIMEOUT)
            .build();
        let config = aws_sdk_ses::config::Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        Self { client: Client::from_conf(config), sender: sender.into() }
    }

    /// Sends a mail, by one request: SES knows no idempotency key, and has nothing that could be asked whether it took a
    /// mail. When its answer is lost the mail may go out twice, so only the runtime tries again, which counts.
    ///
    /// # Errors
    /// Permanent when SES rejects this mail, unknown when its answer was lost, unavailable for all else.
    pub async fn send(self, mail: Mail) -> Result<(), Failure> {
        let message = message(&mail)
            .map_err(|e| Failure::permanent("the mail is incomplete").caused_by(e))?;
        let request = self
            .client
            .send_email()
            .source(self.sender)
            .destination(Destination::builder().to_addresses(mail.to).build())
            .message(message);
        request.send().await.map(drop).map_err(|error| failure(&error))
    }
}

/// What a failed call means for the mail. SES's own words may quote the address, so only its code is kept.
fn failure(error: &SdkError<SendEmailError>) -> Failure {
    let code = error.code().unwrap_or("no code");
    match error {
        SdkError::ConstructionFailure(_) => {
            Failure::unavailable("ses", "the request was not built")
        }
        SdkError::ServiceError(_)
            if matches!(code, "MessageRejected" | "InvalidParameterValue") =>
        {
            Failure::permanent(format!("SES rejects the mail: {code}"))
        }
        SdkError::ServiceError(_) => {
            Failure::unavailable("ses", format!("SES did not take the mail: {code}"))
        }
        SdkError::DispatchFailure(failure) if failure.is_user() => {
            Failure::unavailable("ses", "the request was not sent")
        }
        _ => Failure::unknown("SES did not answer, and may have taken the mail"),
    }
}

fn message(mail: &Mail) -> Result<Message, BuildError> {
    let utf8 = |text: &str| Content::builder().data(text).charset("UTF-8").build();
    let body = Body::builder().text(utf8(&mail.text)?).html(utf8(&mail.html)?).build();
    Ok(Message::builder().subject(utf8(&mail.subject)?).body(body).build())
}
