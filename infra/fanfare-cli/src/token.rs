//! `fanfare token`: a token for the HTTP API of `fanfare up`, for curl and for programs that call it.

use crate::output::say;
use crate::parameter::parameter;
use clap::{ArgGroup, Args};
use fanfare_bootstrap::Environment;
use fanfare_local::Holder;
use fanfare_operate::HttpClient;
use http::Request;
use serde_json::Value;
use std::error::Error;
use std::time::Duration;

/// Where `fanfare up` is, unless it is told otherwise.
pub const HERE: &str = "http://127.0.0.1:4566";
/// How long the runner may take.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Args)]
#[command(
    group = ArgGroup::new("holder").required(true).multiple(true).args(["subject", "staff"]),
    after_help = "\
Examples:
  curl -H \"Authorization: Bearer $(fanfare token --customer cust_1)\" 127.0.0.1:8080/orders/ord_1
  export FANFARE_TOKEN=$(fanfare token --staff)
  fanfare token --subject ada --scope orders:read --claim department=tills

The runner signs it in the name of the issuer that the template's authorizer names, for the audience that it names. It holds for
12 hours, and opens nothing but this runner; with `--data` its successors too.
Exit code 0: printed; 1: no runner answers, or its HTTP API takes no tokens; 2: wrong arguments."
)]
pub(crate) struct TokenArguments {
    /// Whose it is: the claim `sub`
    #[arg(long, visible_alias = "customer", value_name = "ID")]
    subject: Option<String>,
    /// For those who run the place: with the scope `staff`
    #[arg(long)]
    staff: bool,
    /// A scope; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// A further claim; may be repeated. A value that is JSON is taken as that
    #[arg(long = "claim", value_name = "NAME=VALUE", value_parser = parameter)]
    claims: Vec<(String, String)>,
    /// Where the AWS services of the runner are; without it AWS_ENDPOINT_URL, or http://127.0.0.1:4566
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Nobody answers.
    #[error("{endpoint} does not answer: does `fanfare up` run there?")]
    Unanswered {
        /// Where.
        endpoint: String,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// Somebody else answers, or says why not.
    #[error("there is no token from {endpoint}: {reason}")]
    Refused {
        /// Who.
        endpoint: String,
        /// Why, in their words.
        reason: String,
    },
}

impl TokenArguments {
    fn holder(&self) -> Holder {
        let mut holder = match (&self.subject, self.staff) {
            (Some(subject), true) => Holder::new(subject).with_scope(Holder::STAFF),
            (Some(subject), false) => Holder::new(subject),
            (None, _) => Holder::staff(),
        };
        holder.scopes.extend(self.scopes.iter().cloned());
        for (name, value) in &self.claims {
            let json = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value.as_str()));
            holder.claims.insert(name.clone(), json);
        }
        holder
    }
}

/// Prints a token.
pub(crate) async fn token(arguments: TokenArguments) -> Result<(), Box<dyn Error>> {
    let environment = Environment::of_process();
    let endpoint = arguments.endpoint.as_deref().or(environment.optional("AWS_ENDPOINT_URL"));
    say(&from_runner(endpoint.unwrap_or(HERE), &arguments.holder()).await?)?;
    Ok(())
}

/// A token for the HTTP API of the runner whose AWS services are at this endpoint.
///
/// # Errors
/// [`TokenError`].
pub async fn from_runner(endpoint: &str, holder: &Holder) -> Result<String, TokenError> {
    let endpoint = endpoint.trim_end_matches('/').to_owned();
    let answer = match ask(&endpoint, holder).await {
        Ok(answer) => answer,
        Err(source) => return Err(TokenError::Unanswered { endpoint, source }),
    };
    match answer.get("token").and_then(Value::as_str) {
        Some(token) => Ok(token.to_owned()),
        None => {
            let said = answer.get("message").and_then(Value::as_str);
            let reason = said.unwrap_or("it is no `fanfare up`").to_owned();
            Err(TokenError::Refused { endpoint, reason })
        }
    }
}

async fn ask(endpoint: &str, holder: &Holder) -> Result<Value, Box<dyn Error + Send + Sync>> {
    let request = Request::post(format!("{endpoint}/_fanfare/issuer/token"))
        .header("content-type", "application/json")
        .body(serde_json::to_string(holder)?)?;
    let answer = HttpClient::default().call(request, PATIENCE).await?;
    Ok(serde_json::from_slice(answer.body()).unwrap_or_default())
}
