//! A function under an allocator that counts. For each line on standard input it writes one to standard
//! error: how often memory was allocated so far, and how many bytes.
//!
//! The argument says which function: `floor-nothing`, `floor-put-item` or `inventory`.

use lambda_runtime::Error;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use std::io::stdin;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    std::thread::spawn(report);
    match std::env::args().nth(1).as_deref() {
        Some("floor-nothing") => floors::do_nothing().await,
        Some("floor-put-item") => floors::put_each().await,
        Some("inventory") => inventory::consumer().run().await.map_err(|e| format!("{e:?}").into()),
        other => Err(format!("no function is called {other:?}").into()),
    }
}

fn report() {
    for line in stdin().lines() {
        if line.is_err() {
            return;
        }
        let so_far = ALLOCATOR.stats();
        let times = so_far.allocations + so_far.reallocations;
        eprintln!("{times} {}", so_far.bytes_allocated);
    }
}
