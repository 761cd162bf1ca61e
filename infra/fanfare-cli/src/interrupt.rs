//! Ctrl-C, and SIGTERM: once to stop in good order, twice to end at once.

use fanfare_operate::Stop;
use std::process::ExitCode;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a process that was interrupted ends with, as shells have it.
const INTERRUPTED: u8 = 130;

/// A stop that Ctrl-C asks for.
///
/// # Errors
/// When signals can't be listened for.
pub fn stop_on_ctrl_c() -> std::io::Result<Stop> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = Stop::default();
    let asked = stop.clone();
    tokio::spawn(async move {
        either(&mut interrupt, &mut terminate).await;
        asked.request();
        anstream::eprintln!("stopping after this batch; Ctrl-C again ends it at once");
        either(&mut interrupt, &mut terminate).await;
        std::process::exit(INTERRUPTED.into());
    });
    Ok(stop)
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// The exit code of something that went well, or not, or was stopped.
pub fn exit_code(stopped: bool, well: bool) -> ExitCode {
    match (stopped, well) {
        (true, _) => ExitCode::from(INTERRUPTED),
        (false, true) => ExitCode::SUCCESS,
        (false, false) => ExitCode::FAILURE,
    }
}
