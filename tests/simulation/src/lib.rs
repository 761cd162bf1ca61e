//! The deterministic simulation: the store's real consumers, its relay and its sweep, in one process and in virtual time,
//! against a simulated DynamoDB, SNS and SQS that fail in every way that AWS may.
//!
//! Every source of chance follows from one seed, so that a run can be repeated: [`simulate`] gives the
//! same [`Report`] for the same seed. What a run should come to is known to the simulation itself, which
//! placed the orders; the oracle asks nothing of the code under test.

mod aws;
mod chance;
mod cloud;
mod consumers;
mod costs;
mod crash;
mod faults;
mod function;
mod history;
mod invocation;
mod mapping;
mod mutants;
mod oracle;
mod plan;
mod queues;
mod relaying;
mod run;
mod services;
mod shards;
mod sweeping;
mod tables;
mod tampering;
mod time;
mod topic;
mod workload;

pub use faults::Fault;
pub use mutants::Mutant;
pub use run::{Report, rush, simulate};
