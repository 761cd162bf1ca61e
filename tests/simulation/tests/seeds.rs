//! A few seeds of the simulation, for every test run; `make sim` runs many.

use simulation::{Report, simulate};

fn run(seed: u64) -> Report {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(simulate(seed, None, false))
}

#[test]
fn the_store_keeps_its_promises_whatever_fails() {
    for seed in 1..=6 {
        let report = run(seed);
        assert!(report.violations.is_empty(), "make sim SEED={seed}: {:#?}", report.violations);
    }
}

#[test]
fn the_same_seed_is_the_same_history() {
    for seed in 1..=2 {
        assert_eq!(run(seed), run(seed), "seed {seed}");
    }
    assert_ne!(run(1).digest, run(2).digest);
}
