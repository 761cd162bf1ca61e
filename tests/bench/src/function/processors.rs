//! Who runs where: the function has one CPU for itself, the benchmark and its servers have another.

#[cfg(target_os = "linux")]
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
#[cfg(target_os = "linux")]
use std::sync::OnceLock;

/// The benchmark's CPU and the function's, if there are two.
#[cfg(target_os = "linux")]
static CPUS: OnceLock<Option<(CpuSet, CpuSet)>> = OnceLock::new();

/// Keeps this thread, and those that it starts, to the benchmark's CPU.
#[cfg(target_os = "linux")]
pub(crate) fn take_ours() {
    let allowed = sched_getaffinity(None).expect("the CPUs that may be used");
    let mut cpus = (0..CpuSet::MAX_CPU).filter(|cpu| allowed.is_set(*cpu));
    let only = |cpu| {
        let mut set = CpuSet::new();
        set.set(cpu);
        set
    };
    let pair = cpus.next().zip(cpus.next_back()).map(|(first, last)| (only(first), only(last)));
    match CPUS.get_or_init(|| pair) {
        Some((ours, _)) => stay_on(ours),
        None => println!("There is one CPU: the function shares it with its servers.\n"),
    }
}

/// Does something that starts a process, which gets the function's CPU.
#[cfg(target_os = "linux")]
pub(crate) fn on_the_functions<T>(start: impl FnOnce() -> T) -> T {
    let Some((ours, functions)) = CPUS.get().and_then(Option::as_ref) else { return start() };
    stay_on(functions);
    let started = start();
    stay_on(ours);
    started
}

#[cfg(target_os = "linux")]
fn stay_on(cpus: &CpuSet) {
    sched_setaffinity(None, cpus).expect("a thread may choose its CPU");
}

/// Other systems place threads as they see fit.
#[cfg(not(target_os = "linux"))]
pub(crate) fn take_ours() {
    println!("Nothing keeps the function to one CPU on this system.\n");
}

/// Other systems place processes as they see fit.
#[cfg(not(target_os = "linux"))]
pub(crate) fn on_the_functions<T>(start: impl FnOnce() -> T) -> T {
    start()
}
