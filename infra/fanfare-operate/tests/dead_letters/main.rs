//! Dead letters on the local runner's queues and tables, through the real SDK.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

mod breaking_off;
mod editing;
mod looking;
mod purging;
mod recording;
mod redriving;
mod refusing;
mod support;
mod wire;
