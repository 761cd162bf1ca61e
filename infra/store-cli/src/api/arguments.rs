//! Which API is meant.

use super::{Api, ApiError, api_url};
use clap::Args;
use fanfare_bootstrap::Environment;
use fanfare_cli::TargetArguments;

/// Where `fanfare store up` serves the API, unless it is told otherwise.
const HERE: &str = "http://127.0.0.1:8080";

/// Where the HTTP API is. Without any of these it is that of `fanfare store up` on this machine.
#[derive(Args)]
pub(crate) struct ApiArguments {
    /// Where the HTTP API is, if the stack does not tell; http://127.0.0.1:8080 for `fanfare store up`
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    #[command(flatten)]
    target: TargetArguments,
}

impl ApiArguments {
    /// The address: as given, or as the stack tells that is meant, or of this machine.
    pub(crate) async fn address(&self) -> Result<String, ApiError> {
        match &self.api {
            Some(api) => Ok(api.clone()),
            None if self.target.is_given(&Environment::of_process()) => {
                api_url(&self.target.connect().await?).await
            }
            None => Ok(HERE.to_owned()),
        }
    }

    /// A client of it.
    pub(crate) async fn open(&self) -> Result<Api, ApiError> {
        self.open_at(&self.address().await?).await
    }

    /// A client of it, once its address is known.
    pub(crate) async fn open_at(&self, address: &str) -> Result<Api, ApiError> {
        Api::open(address, &self.target.target(), &Environment::of_process()).await
    }
}
