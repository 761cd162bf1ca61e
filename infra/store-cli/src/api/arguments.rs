//! Which API is meant.

use super::{Api, ApiError, TOKEN, api_url};
use clap::Args;
use fanfare_bootstrap::Environment;
use fanfare_cli::{TargetArguments, token};
use fanfare_local::Holder;
use fanfare_operate::{Connection, Target, is_local};

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
        let (target, environment) = (self.target.target(), Environment::of_process());
        match self.token_here(address, &environment).await {
            Some(token) => {
                Api::open(address, &target, &Environment::from_iter([(TOKEN, token)])).await
            }
            None => Api::open(address, &target, &environment).await,
        }
    }

    /// Staff's token, if the API is that of a runner on this machine, whose operator calls, and the environment has none.
    async fn token_here(&self, address: &str, environment: &Environment) -> Option<String> {
        if environment.optional(TOKEN).is_some() || is_local(address) != Some(true) {
            return None;
        }
        let endpoint = self.target.target().endpoint;
        let endpoint = endpoint.as_deref().or(environment.optional("AWS_ENDPOINT_URL"));
        let endpoint = endpoint.unwrap_or(token::HERE);
        let runner = Connection::open(&Target::at(endpoint), environment).await.ok()?;
        let running = runner.runner().await.ok()??;
        let is_its_api = running.api_url.as_deref() == Some(address.trim_end_matches('/'));
        match is_its_api {
            true => token::from_runner(endpoint, &Holder::staff()).await.ok(),
            false => None,
        }
    }
}
