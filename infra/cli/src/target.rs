//! Which stack is meant, and where it is.

use clap::Args;
use composition::Environment;
use fanfare_operate::{ConnectError, Connection, Target};

/// Said at the end of every operator's command's help.
pub(crate) const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 it failed, in part or as a whole, or there is no such thing; 2 wrong arguments; 130 stopped \
by Ctrl-C.";

#[derive(Args)]
pub(crate) struct TargetArguments {
    /// Where the AWS services are, such as http://127.0.0.1:4566 for `fanfare up`; without it AWS_ENDPOINT_URL, or AWS
    #[arg(long, value_name = "URL", global = true)]
    endpoint: Option<String>,
    /// The region; without it AWS_REGION or the profile's
    #[arg(long, value_name = "REGION", global = true)]
    region: Option<String>,
    /// The stack's name
    #[arg(long, value_name = "NAME", default_value = "fanfare", global = true)]
    stack: String,
}

impl TargetArguments {
    pub(crate) fn target(&self) -> Target {
        Target {
            endpoint: self.endpoint.clone(),
            region: self.region.clone(),
            stack: self.stack.clone(),
        }
    }

    pub(crate) async fn connect(&self) -> Result<Connection, ConnectError> {
        Connection::open(&self.target(), &Environment::of_process()).await
    }
}
