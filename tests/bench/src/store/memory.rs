//! Memory by what each process has of its own plus its share of what it shares with others (proportional set
//! size): processes of one program share its code.

use crate::figures::Figures;
use system_tests::Store;

pub(super) async fn measure(store: &Store, when: &str, figures: &mut Figures) {
    let runner = proportional_kib(store.process().pid());
    let functions = store.function_processes().await;
    let note = format!("{when}, {} function processes", functions.len());
    let functions: u64 = functions.into_iter().map(proportional_kib).sum();
    figures.add("memory of the runner", runner as f64 / 1024.0, "MiB", when);
    figures.add("memory of the functions", functions as f64 / 1024.0, "MiB", &note);
    figures.add("memory in all", (runner + functions) as f64 / 1024.0, "MiB", "aim: 150");
}

/// KiB of a process's memory.
pub(super) fn proportional_kib(pid: u32) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
