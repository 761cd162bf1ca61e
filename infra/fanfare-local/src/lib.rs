//! Runs a SAM template on this machine: embedded DynamoDB, SQS, SNS and SES, and the template's
//! functions as processes. It knows no function and no event by name; it would run anyone's template.
//!
#![doc = include_str!("../README.md")]

pub mod template;

mod data_directory;
mod description;
mod differences;
mod endpoint;
mod error;
mod functions;
mod http_api;
mod http_server;
mod issuer;
mod journal;
mod mappings;
mod options;
mod plan;
mod ports;
mod queues;
mod resources;
mod runner;
mod services;
mod shutdown;
mod sns;
mod statistics;
mod tables;
mod usage;

pub use error::{StartError, StopError};
pub use issuer::{Holder, TokenError};
pub use options::Options;
pub use plan::{LeftOut, Plan, check};
pub use runner::Runner;
pub use statistics::{FunctionStatistics, MappingStatistics, ProcessStatistics, Statistics};
pub use template::{Fault, FaultKind, Faults};
pub use usage::{Meter, OUTSIDE, Usage, UsageLine};
