//! What a relay must be told, checked before it takes work.

use fanfare_bootstrap::{Environment, SettingError};

/// Where a relay publishes, and where it sends what can't be published.
///
/// ```
/// use fanfare_bootstrap::Environment;
/// use fanfare_relay::Settings;
///
/// let environment = Environment::from_iter([
///     ("EVENTS_TOPIC", "arn:aws:sns:eu-west-1:123456789012:house-events"),
///     ("DEAD_LETTER_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/123456789012/house-relay-dead-letters"),
/// ]);
/// assert!(Settings::from_environment(&environment).is_ok());
///
/// let error = Settings::from_environment(&Environment::default()).expect_err("nothing is set");
/// assert_eq!(
///     error.to_string(),
///     "EVENTS_TOPIC must be the topic's ARN: give it to the function as `EVENTS_TOPIC: !Ref Topic`"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The topic's ARN. A standard topic: a FIFO topic's messages would need groups.
    pub topic: String,
    /// The URL of the relay's dead-letter queue.
    pub dead_letter_queue_url: String,
}

/// Why a relay can't start. Each names the environment variable and says what to put there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// `EVENTS_TOPIC` is missing, or is no ARN of a topic.
    #[error(
        "EVENTS_TOPIC must be the topic's ARN: give it to the function as `EVENTS_TOPIC: !Ref Topic`"
    )]
    Topic,
    /// `EVENTS_TOPIC` is a FIFO topic.
    #[error(
        "EVENTS_TOPIC is a FIFO topic: the relay publishes on a standard topic, without `FifoTopic`"
    )]
    FifoTopic,
    /// `DEAD_LETTER_QUEUE_URL` is missing, or is no URL.
    #[error(
        "DEAD_LETTER_QUEUE_URL must be the URL of the relay's dead-letter queue: give it to the function as \
         `DEAD_LETTER_QUEUE_URL: !Ref DeadLetters`"
    )]
    DeadLetterQueue,
    /// A setting that every function has, such as `AWS_REGION`.
    #[error(transparent)]
    Other(#[from] SettingError),
}

impl Settings {
    /// Reads `EVENTS_TOPIC` and `DEAD_LETTER_QUEUE_URL`.
    ///
    /// # Errors
    /// [`SettingsError`], naming the variable.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingsError> {
        let topic = environment.optional("EVENTS_TOPIC").unwrap_or_default();
        let queue = environment.optional("DEAD_LETTER_QUEUE_URL").unwrap_or_default();
        if !(topic.starts_with("arn:") && topic.contains(":sns:")) {
            return Err(SettingsError::Topic);
        }
        if topic.ends_with(".fifo") {
            return Err(SettingsError::FifoTopic);
        }
        if !(queue.starts_with("https://") || queue.starts_with("http://")) {
            return Err(SettingsError::DeadLetterQueue);
        }
        Ok(Self { topic: topic.to_owned(), dead_letter_queue_url: queue.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:000000000000:events";
    const QUEUE: &str = "http://127.0.0.1:4566/000000000000/dead-letters";

    fn settings(topic: &str, queue: &str) -> Result<Settings, SettingsError> {
        let variables = [("EVENTS_TOPIC", topic), ("DEAD_LETTER_QUEUE_URL", queue)];
        Settings::from_environment(&Environment::from_iter(variables))
    }

    #[test]
    fn what_is_missing_or_something_else_is_refused_by_the_variable_s_name() {
        assert!(settings(TOPIC, QUEUE).is_ok());
        for (topic, queue, error) in [
            ("", QUEUE, SettingsError::Topic),
            ("events", QUEUE, SettingsError::Topic),
            ("arn:aws:sqs:eu-west-1:000000000000:events", QUEUE, SettingsError::Topic),
            ("arn:aws:sns:eu-west-1:000000000000:e.fifo", QUEUE, SettingsError::FifoTopic),
            (TOPIC, "", SettingsError::DeadLetterQueue),
            (TOPIC, "dead-letters", SettingsError::DeadLetterQueue),
        ] {
            assert_eq!(settings(topic, queue), Err(error));
        }
    }
}
