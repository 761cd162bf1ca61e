//! A stack's past, with the runner's tables and queues and the real SDK.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

mod export;
mod replay;
mod support;
