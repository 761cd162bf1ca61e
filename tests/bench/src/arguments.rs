//! What the benchmark is asked for.

use clap::{Parser, ValueEnum};

/// Measures the store on this machine, and the `inventory` function beside two floors: a function that does
/// nothing, and one that does one PutItem a message.
#[derive(Parser)]
#[command(after_help = "Examples:\n  \
    fanfare-bench                                  everything, in about twenty minutes\n  \
    fanfare-bench --only cold-start --only size    two parts")]
pub(crate) struct Arguments {
    /// Measure this part alone; may be given several times
    #[arg(long, value_name = "PART")]
    only: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// The clone: compiling what `make run` needs
    FirstBuild,
    /// The runner: process start to ready
    Start,
    /// The running store: latency, throughput and memory
    Store,
    /// The running store: what an order costs after so many others
    Growth,
    /// The function: process start to first poll
    ColdStart,
    /// The function: size of the program
    Size,
    /// The function: messages, processor time, memory, DynamoDB requests and write units
    Work,
    /// The function: allocations
    Allocations,
    /// The function: what batches of other sizes change
    Batches,
}

impl Arguments {
    pub(crate) fn includes(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}
