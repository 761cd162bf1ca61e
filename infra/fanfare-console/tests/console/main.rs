//! The console over HTTP: who gets in, what pages say, and what they let be done.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

mod admission;
mod house;
mod pages;
mod redriving;
