//! The views of a stack's past, with the runner's tables and queues, the real SDK and the real `views` consumer.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

#[path = "../../../../functions/views/tests/views/life.rs"]
mod life;
mod rebuild;
mod replay;
mod support;
