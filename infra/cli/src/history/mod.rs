//! What can be done with a stack's past: `replay`, `views rebuild`, `export`.

mod bar;
mod export;
mod replay;
mod views;

pub(crate) use export::{ExportArguments, export};
pub(crate) use replay::{ReplayArguments, replay};
pub(crate) use views::{ViewsArguments, views};

use clap::Args;
use composition::Environment;
use event_schema::Timestamp;
use fanfare_history::{Stack, Stop, Target, connect};
use std::error::Error;
use tokio::signal::unix::{SignalKind, signal};

/// Which stack is meant.
#[derive(Args)]
pub(crate) struct StackArguments {
    /// Where the AWS services are, such as http://127.0.0.1:4566 for the local runner; without it
    /// AWS_ENDPOINT_URL, else AWS
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,
    /// The region; without it that of the environment or the profile
    #[arg(long)]
    region: Option<String>,
    /// The stack's name
    #[arg(long, default_value = "fanfare")]
    stack: String,
}

impl StackArguments {
    async fn connect(self) -> Result<Stack, Box<dyn Error>> {
        let target = Target { endpoint: self.endpoint, region: self.region };
        let config = connect(&target, &Environment::of_process()).await?;
        Ok(Stack::new(&config, self.stack))
    }
}

/// A request to stop that Ctrl-C and SIGTERM make.
fn stop_on_signal() -> std::io::Result<Stop> {
    let stop = Stop::default();
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let (mut signals, stop) = (signal(kind)?, stop.clone());
        tokio::spawn(async move {
            signals.recv().await;
            stop.request();
        });
    }
    Ok(stop)
}

/// Reads a time as of RFC 3339.
fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "expected a time such as 2024-01-15T10:30:00Z".to_owned())
}
