//! Where the stack is, and how to get there.

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, ProvideCredentials, SharedCredentialsProvider};
use fanfare_bootstrap::Environment;
use fanfare_template::roles::StackDescription;
use http::Uri;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// Longer than any call here takes, the second of a long poll included.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The domains of this machine: of RFC 6761, and LocalStack's
/// (<https://docs.localstack.cloud/references/network-troubleshooting/endpoint-url/>).
pub const LOCAL_DOMAINS: [&str; 2] = [".localhost", ".localhost.localstack.cloud"];
/// The region that the local runner and the emulators are said to be in.
const LOCAL_REGION: &str = "us-east-1";

/// How the ids of access keys begin that AWS gives to users and roles, all of them 20 characters long
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes>).
const KEYS_OF_AWS: [&str; 2] = ["AKIA", "ASIA"];

/// Which stack is meant.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where the AWS services are; `None`: `AWS_ENDPOINT_URL`, or AWS itself.
    pub endpoint: Option<String>,
    /// The region; `None`: that of the environment or the profile.
    pub region: Option<String>,
    /// The stack's name.
    pub stack: String,
    /// The stack's template, which says what its resources are for; `None`: the nearest one ([`fanfare_template::nearest`]).
    /// The local runner is asked instead.
    pub template: Option<PathBuf>,
    /// Values for the template's parameters, instead of their defaults.
    pub parameters: BTreeMap<String, String>,
}

impl Target {
    /// The stack `fanfare` at an endpoint, such as `http://127.0.0.1:4566`.
    pub fn at(endpoint: &str) -> Self {
        Self {
            endpoint: Some(endpoint.to_owned()),
            region: None,
            stack: "fanfare".to_owned(),
            template: None,
            parameters: BTreeMap::new(),
        }
    }
}

/// Why there is no way to the services.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The endpoint is no URL.
    #[error("{0:?} is no endpoint: it should look like http://127.0.0.1:4566")]
    Endpoint(String),
    /// No region is known.
    #[error("no region: give --region, or set AWS_REGION")]
    Region,
    /// No credentials are found.
    #[error(
        "no AWS credentials: set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for SSO, \
         eval \"$(aws configure export-credentials --format env)\""
    )]
    Credentials(#[source] Option<aws_sdk_sqs::error::BoxError>),
}

/// The clients of one stack's services.
#[derive(Debug, Clone)]
pub struct Connection {
    pub(crate) config: SdkConfig,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) stack: String,
    pub(crate) template: Option<PathBuf>,
    pub(crate) parameters: BTreeMap<String, String>,
    /// Found when it is first needed; clones share it.
    pub(crate) description: Arc<OnceCell<StackDescription>>,
}

impl Connection {
    /// Finds endpoint, region and credentials, and builds the clients. Nothing is called yet, but for what
    /// finding credentials takes.
    ///
    /// Credentials come from the environment, the profile files (access keys and roles), web identity,
    /// container and instance. An endpoint on this machine, or one that is spoken to in the clear, as AWS never is, does not get
    /// those: its requests are signed with the keys of the environment if they are none of AWS's, as an emulator's are, and else
    /// with made-up ones.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn open(target: &Target, environment: &Environment) -> Result<Self, ConnectError> {
        let endpoint = target.endpoint.as_deref().or(environment.optional("AWS_ENDPOINT_URL"));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .retry_config(RetryConfig::standard())
            .timeout_config(timeouts);
        let region = target.region.as_deref().or(environment.optional("AWS_REGION"));
        let mut region = region.or(environment.optional("AWS_DEFAULT_REGION"));
        if let Some(endpoint) = endpoint {
            let is_local =
                is_local(endpoint).ok_or_else(|| ConnectError::Endpoint(endpoint.to_owned()))?;
            if is_local || endpoint.starts_with("http://") {
                loader = loader.credentials_provider(for_this_machine(environment));
            }
            if is_local {
                region = region.or(Some(LOCAL_REGION));
            }
            loader = loader.endpoint_url(endpoint);
        }
        if let Some(region) = region {
            loader = loader.region(Region::new(region.to_owned()));
        }
        let config = loader.load().await;
        if config.region().is_none() {
            return Err(ConnectError::Region);
        }
        let provider = config.credentials_provider().ok_or(ConnectError::Credentials(None))?;
        let found = provider.provide_credentials().await;
        found.map_err(|error| ConnectError::Credentials(Some(error.into())))?;
        let (template, parameters) = (target.template.clone(), target.parameters.clone());
        Ok(Self { template, parameters, ..Self::with(config, &target.stack) })
    }

    /// The clients of a stack, from a configuration that is complete.
    pub fn with(config: SdkConfig, stack: &str) -> Self {
        Self {
            sqs: aws_sdk_sqs::Client::new(&config),
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            stack: stack.to_owned(),
            template: None,
            parameters: BTreeMap::new(),
            description: Arc::default(),
            config,
        }
    }

    /// What further clients are built from.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The client of DynamoDB.
    pub fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        &self.dynamodb
    }

    /// The client of SNS.
    pub fn sns(&self) -> &aws_sdk_sns::Client {
        &self.sns
    }

    /// The client of SQS.
    pub fn sqs(&self) -> &aws_sdk_sqs::Client {
        &self.sqs
    }

    /// The stack's name.
    pub fn stack(&self) -> &str {
        &self.stack
    }
}

/// Credentials for services of this machine, which mean nothing elsewhere.
fn for_this_machine(environment: &Environment) -> SharedCredentialsProvider {
    let is_of_aws = |id: &str| id.len() == 20 && KEYS_OF_AWS.iter().any(|key| id.starts_with(key));
    let id = environment.optional("AWS_ACCESS_KEY_ID").filter(|id| !is_of_aws(id));
    let secret = environment.optional("AWS_SECRET_ACCESS_KEY");
    let (id, secret) = id.zip(secret).unwrap_or(("local", "local"));
    SharedCredentialsProvider::new(Credentials::new(id, secret, None, None, "this machine's"))
}

/// Whether a URL is one of this machine; `None` when it is none.
pub fn is_local(url: &str) -> Option<bool> {
    let url: Uri = url.parse().ok()?;
    let host = url.host().filter(|_| url.scheme().is_some())?;
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_loopback = address.is_ok_and(|address| address.is_loopback());
    Some(
        is_loopback
            || host == "localhost"
            || LOCAL_DOMAINS.iter().any(|domain| host.ends_with(domain)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(endpoint: Option<&str>) -> Target {
        Target { endpoint: endpoint.map(str::to_owned), ..Target::at("") }
    }

    #[test]
    fn an_endpoint_of_this_machine_is_told_from_others() {
        for url in
            ["http://127.0.0.1:4566", "http://localhost:1", "http://x.localhost", "http://[::1]:1"]
        {
            assert_eq!(is_local(url), Some(true), "{url}");
        }
        assert_eq!(is_local("https://sqs.eu-west-1.amazonaws.com"), Some(false));
        assert_eq!(is_local("http://127.0.0.1.example.com"), Some(false), "a name is no address");
        assert_eq!(is_local("127.0.0.1:4566"), None);
    }

    #[tokio::test]
    async fn an_endpoint_of_this_machine_needs_no_credentials_and_no_region() {
        let none = Environment::default();
        let connection = Connection::open(&target(Some("http://127.0.0.1:1")), &none).await;
        let connection = connection.expect("connected");
        assert_eq!(connection.config.region().map(AsRef::as_ref), Some("us-east-1"));
    }

    #[tokio::test]
    async fn an_endpoint_that_is_not_aws_s_never_gets_the_user_s_credentials() {
        for (set, signed) in [
            (("AKIAIOSFODNN7EXAMPLE", "secret"), "local"),
            (("ASIAIOSFODNN7EXAMPLE", "secret"), "local"),
            (("000000000000", "test"), "000000000000"),
        ] {
            let environment = Environment::from_iter([
                ("AWS_ACCESS_KEY_ID", set.0),
                ("AWS_SECRET_ACCESS_KEY", set.1),
                ("AWS_PROFILE", "production"),
            ]);
            for endpoint in ["http://127.0.0.1:1", "http://emulator:4566"] {
                let there = Target { region: Some("r".to_owned()), ..target(Some(endpoint)) };
                let connection = Connection::open(&there, &environment).await.expect("connected");
                let provider = connection.config.credentials_provider().expect("a provider");
                let credentials = provider.provide_credentials().await.expect("credentials");
                assert_eq!(credentials.access_key_id(), signed, "{endpoint}");
            }
        }
    }

    #[tokio::test]
    async fn an_endpoint_that_is_no_url_is_refused_with_an_example() {
        let error = Connection::open(&target(Some("nowhere")), &Environment::default()).await;
        let error = error.expect_err("no URL").to_string();
        assert!(
            error.contains("\"nowhere\"") && error.contains("http://127.0.0.1:4566"),
            "{error}"
        );
    }
}
