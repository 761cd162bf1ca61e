//! The one HTTP server behind every port of the local runner: who may ask, how much, and for how long.
//!
#![doc = include_str!("../README.md")]

mod body;
mod callers;
mod server;

pub use body::{BodyError, read_body};
pub use callers::{Callers, Refusal};
pub use server::{Reply, Server};
