//! The console: what runs, what became of an event, what failed and why, in a browser on this machine.
//!
#![doc = include_str!("../README.md")]

mod app;
mod assets;
mod error;
mod form;
#[cfg(test)]
mod golden;
mod handle;
mod html;
mod job;
mod look;
mod masked;
mod reply;
mod server;
mod session;
mod text;
mod view;
mod views;

pub use app::Writes;
pub use server::{Console, ListenError};
