//! Who is at it.

use crate::Connection;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use fanfare_bootstrap::Environment;
use std::time::Duration;

/// How long the answer may take: it is good to have, and not worth waiting for.
const PATIENCE: Duration = Duration::from_secs(3);

/// Said where there is no STS to ask, as on the local runner: that the caller is who they say is nobody's word.
const UNKNOWN: &str = "unknown";

/// Who does something: the user and machine that say so, and whom AWS knows by the credentials.
#[derive(Debug, Clone)]
pub(crate) struct Who {
    pub(crate) user: String,
    /// The ARN of the caller, or [`UNKNOWN`].
    pub(crate) identity: String,
}

impl Connection {
    /// Whom AWS knows by the credentials, as STS tells it; `None` where nobody could be asked within three seconds.
    pub async fn identity(&self) -> Option<String> {
        let timeouts = TimeoutConfig::builder().operation_timeout(PATIENCE).build();
        let config = aws_sdk_sts::config::Builder::from(&self.config)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        let caller = aws_sdk_sts::Client::from_conf(config).get_caller_identity().send().await;
        caller.ok()?.arn
    }
}

impl Who {
    pub(crate) async fn find(connection: &Connection) -> Self {
        let arn = connection.identity().await;
        Self {
            user: user_at_host(&Environment::of_process()),
            identity: arn.unwrap_or_else(|| UNKNOWN.to_owned()),
        }
    }
}

fn user_at_host(environment: &Environment) -> String {
    let user = environment.optional("USER").or(environment.optional("LOGNAME"));
    let host = environment.optional("HOSTNAME").map(str::to_owned).or_else(|| {
        let files = ["/proc/sys/kernel/hostname", "/etc/hostname"];
        let mut names = files.iter().filter_map(|file| std::fs::read_to_string(file).ok());
        names.next().map(|name| name.trim().to_owned())
    });
    format!("{}@{}", user.unwrap_or("unknown"), host.as_deref().unwrap_or("unknown"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_known_by_name_and_machine() {
        let known = Environment::from_iter([("USER", "ada"), ("HOSTNAME", "engine")]);
        assert_eq!(user_at_host(&known), "ada@engine");
        assert!(user_at_host(&Environment::default()).starts_with("unknown@"));
    }
}
