//! `fanfare up --watch`: a template that has changed is run by a new runner in the place of the old one, at the same addresses, with
//! what is in its tables, queues and mailbox.

use super::ConsoleArguments;
use super::watch::watch;
use crate::terminal::{BAD, complain, styled};
use fanfare_bootstrap::ErrorChain;
use fanfare_local::{Options, Runner, StartError};
use std::error::Error;

/// A template that can take over from the one that runs.
pub(super) struct Successor {
    port: u16,
    api_port: u16,
}

/// Runs a template, and what it becomes, until Ctrl-C or SIGTERM.
pub(super) async fn run(
    mut options: Options,
    console: ConsoleArguments,
) -> Result<(), Box<dyn Error>> {
    // What there is must outlive a runner; it is gone with the last one unless somebody wanted it kept.
    let kept = match options.data {
        Some(_) => None,
        None => Some(tempfile::Builder::new().prefix("fanfare-").tempdir()?),
    };
    options.data = options.data.or_else(|| kept.as_ref().map(|folder| folder.path().to_owned()));
    loop {
        let mut successor = None;
        let asked = options.clone();
        super::run(asked, console, async |runner: &Runner| {
            successor = Some(watch(runner, &options).await?);
            Ok(())
        })
        .await?;
        let Some(Successor { port, api_port }) = successor else { return Ok(()) };
        (options.port, options.api_port) = (port, api_port);
    }
}

/// What the template has become, if that can run in the place of what runs. If not, says why; then what runs goes on.
pub(super) fn successor(runner: &Runner, options: &Options) -> Option<Successor> {
    match become_of(runner, options) {
        Ok(Some(successor)) => Some(successor),
        Ok(None) => {
            anstream::eprintln!("the template has changed in nothing that runs here");
            None
        }
        Err(error) => {
            complain(&ErrorChain(&error).to_string());
            anstream::eprintln!("{}: the old template goes on", styled(BAD, "not taken over"));
            None
        }
    }
}

/// What the template has become; `None`: what runs already.
fn become_of(runner: &Runner, options: &Options) -> Result<Option<Successor>, StartError> {
    let mut here = options.clone();
    here.port = port(runner.endpoint());
    here.api_port = port(runner.api_url());
    let plan = fanfare_local::check(&here)?.ready()?;
    runner.can_become(&plan)?;
    let has_changed = plan.stack != *runner.stack();
    Ok(has_changed.then_some(Successor { port: here.port, api_port: here.api_port }))
}

/// The port in an address of the runner's.
fn port(url: &str) -> u16 {
    let port = url.trim_end_matches('/').rsplit(':').next();
    port.and_then(|port| port.parse().ok()).unwrap_or_default()
}
