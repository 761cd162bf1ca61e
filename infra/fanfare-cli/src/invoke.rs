//! `fanfare invoke`: one function, one event file, one answer.

use crate::terminal::harmless;
use clap::Args;
use fanfare_operate::HttpClient;
use http::Request;
use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

/// How long the answer may take: a function may run for 15 minutes
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const PATIENCE: Duration = Duration::from_secs(16 * 60);

#[derive(Args)]
#[command(after_help = "Example:\n  fanfare invoke climate --data-file events/climate.json")]
pub(crate) struct InvokeArguments {
    /// The function: its name, its name in the template, or its program's name
    name: String,
    /// The file with the event
    #[arg(long, value_name = "FILE")]
    data_file: PathBuf,
    /// Where the Lambda service is
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4566")]
    endpoint: String,
}

/// Why the function's answer is not a success.
#[derive(Debug, thiserror::Error)]
enum InvokeError {
    #[error("cannot read {}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{url} does not answer: does `fanfare up` run there?")]
    Unanswered { url: String, source: Box<dyn Error + Send + Sync> },
    #[error("{name} failed ({kind})")]
    Function { name: String, kind: String },
    #[error("the endpoint answered {0}")]
    Endpoint(http::StatusCode),
}

/// Prints the function's answer.
pub(crate) async fn invoke(arguments: InvokeArguments) -> Result<(), Box<dyn Error>> {
    let InvokeArguments { name, data_file, endpoint } = arguments;
    let event = std::fs::read_to_string(&data_file)
        .map_err(|source| InvokeError::File { path: data_file, source })?;
    let endpoint = endpoint.trim_end_matches('/');
    let url = format!("{endpoint}/2015-03-31/functions/{name}/invocations");
    let request = Request::post(&url).header("content-type", "application/json").body(event)?;
    let answer = HttpClient::default().call(request, PATIENCE).await;
    let answer = answer.map_err(|source| InvokeError::Unanswered { url, source })?;
    crate::output::say(&harmless(&String::from_utf8_lossy(answer.body())))?;
    if let Some(kind) = answer.headers().get("x-amz-function-error") {
        let kind = String::from_utf8_lossy(kind.as_bytes()).into_owned();
        return Err(InvokeError::Function { name, kind }.into());
    }
    match answer.status().is_success() {
        true => Ok(()),
        false => Err(InvokeError::Endpoint(answer.status()).into()),
    }
}
