//! The simulated AWS behind the real SDK.

mod answer;
mod clients;
mod dynamodb;
mod permissions;
mod server;
mod service;
mod sns;
mod sqs;
mod stale;
mod watch;
mod wire;

pub(crate) use clients::{clients, dynamodb_client, sns_client, sqs_client};
pub(crate) use dynamodb::{actions, writes as is_write};
pub(crate) use sqs::url;
pub(crate) use stale::Stale;
pub(crate) use watch::Watch;
