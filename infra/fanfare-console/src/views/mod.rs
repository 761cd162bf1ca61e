//! The pages, one file each.

pub(crate) mod audit;
pub(crate) mod consumer;
pub(crate) mod consumers;
pub(crate) mod events;
pub(crate) mod failures;
pub(crate) mod flow;
pub(crate) mod graph;
pub(crate) mod help;
pub(crate) mod jobs;
pub(crate) mod letter;
mod moment;
pub(crate) mod queues;
mod timeline;
pub(crate) mod trace;
