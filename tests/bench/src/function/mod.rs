//! One function, `inventory`, beside its floors: a function that does nothing, and one that does one PutItem a
//! message.

mod allocations;
mod batches;
mod cold_start;
mod comparison;
mod delay;
mod dynamodb;
mod execution_environment;
mod http_server;
mod operations;
mod process;
mod processors;
mod runtime_api;
mod size;
mod subject;
mod tables;
mod tally;
mod throttle;
mod work;
mod workload;

use crate::arguments::{Arguments, Part};
use comparison::Comparison;

/// Measures what is asked for, and prints it.
pub(crate) async fn measure(chosen: &Arguments) {
    processors::take_ours();
    let mut comparison = Comparison::default();
    if chosen.includes(Part::ColdStart) {
        cold_start::measure(&mut comparison).await;
    }
    if chosen.includes(Part::Size) {
        size::measure(&mut comparison);
    }
    if chosen.includes(Part::Work) {
        work::measure(&mut comparison).await;
    }
    if chosen.includes(Part::Allocations) {
        allocations::measure(&mut comparison).await;
    }
    comparison.print();
    if chosen.includes(Part::Batches) {
        batches::measure().await;
    }
}
