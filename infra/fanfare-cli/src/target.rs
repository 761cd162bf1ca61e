//! Which stack is meant, and where it is.

use crate::parameter::parameter;
use clap::Args;
use fanfare_bootstrap::Environment;
use fanfare_operate::{ConnectError, Connection, Target};
use std::path::PathBuf;

/// Said at the end of every operator's command's help.
pub const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 it failed, in part or as a whole, or there is no such thing; 2 wrong arguments; 130 stopped \
by Ctrl-C.";

/// Which stack is meant, and where it is.
#[derive(Debug, Clone, Args)]
pub struct TargetArguments {
    /// Where the AWS services are, such as http://127.0.0.1:4566 for `fanfare up`; without it AWS_ENDPOINT_URL, or AWS
    #[arg(long, value_name = "URL", global = true)]
    endpoint: Option<String>,
    /// The region; without it AWS_REGION or the profile's
    #[arg(long, value_name = "REGION", global = true)]
    region: Option<String>,
    /// The stack's name [default: fanfare]
    #[arg(long, value_name = "NAME", global = true)]
    stack: Option<String>,
    /// The stack's template, which says what its resources are for [default: template.yaml, or infra/template.yaml, here
    /// or in a folder above]; `fanfare up` is asked instead
    #[arg(long, value_name = "FILE", global = true)]
    template: Option<PathBuf>,
    /// A value for one of the template's parameters, as the stack was deployed with; may be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter, global = true)]
    parameters: Vec<(String, String)>,
}

/// The stack's name where none is given.
const STACK: &str = "fanfare";

impl TargetArguments {
    /// The stack that is meant.
    pub fn target(&self) -> Target {
        Target {
            endpoint: self.endpoint.clone(),
            region: self.region.clone(),
            stack: self.stack.clone().unwrap_or_else(|| STACK.to_owned()),
            template: self.template.clone(),
            parameters: self.parameters.iter().cloned().collect(),
        }
    }

    /// The same, at this endpoint if neither an endpoint nor a region is said.
    #[must_use]
    pub fn or_endpoint(&self, endpoint: &str) -> Self {
        match self.is_given(&Environment::of_process()) {
            true => self.clone(),
            false => Self { endpoint: Some(endpoint.to_owned()), ..self.clone() },
        }
    }

    /// The endpoint, if it is not AWS's own.
    pub fn endpoint(&self) -> Option<String> {
        let of_process = || Environment::of_process().optional("AWS_ENDPOINT_URL").map(Into::into);
        self.endpoint.clone().or_else(of_process)
    }

    /// Whether anything says which stack is meant, and where.
    pub fn is_given(&self, environment: &Environment) -> bool {
        let endpoint = environment.optional("AWS_ENDPOINT_URL");
        self.endpoint.is_some()
            || self.region.is_some()
            || self.stack.is_some()
            || endpoint.is_some()
    }

    /// The way to the stack.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect(&self) -> Result<Connection, ConnectError> {
        Connection::open(&self.target(), &Environment::of_process()).await
    }
}
