//! The simulated AWS behind the real SDK.

mod answer;
mod clients;
mod dynamodb;
mod server;
mod sqs;
mod watch;
mod wire;

pub(crate) use clients::{clients, dynamodb_client};
pub(crate) use dynamodb::{actions, writes as is_write};
pub(crate) use sqs::url;
pub(crate) use watch::Watch;
