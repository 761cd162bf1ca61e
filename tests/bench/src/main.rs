//! `make bench`: measures the whole store on this machine, and one function beside its floors.
//!
//! Everything is real: the programs are those that are shipped, with HTTP and the SDK in between. What is compared
//! is measured in the same run.
#![allow(
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a benchmark: what goes wrong ends it"
)]

mod arguments;
mod figures;
mod first_build;
mod function;
mod store;

use arguments::{Arguments, Part};
use clap::Parser;
use tokio::runtime::Builder;

fn main() {
    let chosen = Arguments::parse();
    if chosen.includes(Part::FirstBuild) {
        first_build::measure();
    }
    if [Part::Start, Part::Store, Part::Growth].iter().any(|part| chosen.includes(*part)) {
        let runtime = Builder::new_multi_thread().enable_all().build();
        runtime.expect("a runtime").block_on(store::measure(&chosen));
    }
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(function::measure(&chosen));
}
