//! Structured logs: one JSON object a line, which CloudWatch Logs Insights reads as fields.

use crate::{Environment, SettingError, panics};
use tracing::level_filters::LevelFilter;

/// Starts logging to standard output, at the level of `AWS_LAMBDA_LOG_LEVEL` (which Lambda's logging
/// controls set), else `RUST_LOG`, else `info`. A second call changes nothing. From then on a panic is a line of the
/// log too, with its place and without its words.
///
/// ```
/// use fanfare_bootstrap::{Environment, init_logging};
///
/// init_logging(&Environment::of_process())?;
/// tracing::info!(room = "attic", "measured"); // {"level":"INFO","message":"measured","room":"attic",...}
/// # Ok::<(), fanfare_bootstrap::SettingError>(())
/// ```
///
/// # Errors
/// [`SettingError::Invalid`] when the level is none of off, error, warn, info, debug, trace.
pub fn init_logging(environment: &Environment) -> Result<(), SettingError> {
    let name = match environment.optional("AWS_LAMBDA_LOG_LEVEL") {
        Some(_) => "AWS_LAMBDA_LOG_LEVEL",
        None => "RUST_LOG",
    };
    let level = environment.parsed(name, LevelFilter::INFO)?;
    let started = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(level)
        .try_init();
    match started {
        Ok(()) => panics::tell(),
        Err(_) => tracing::debug!("logging was started already"),
    }
    Ok(())
}
