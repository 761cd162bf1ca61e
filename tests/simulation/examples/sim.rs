//! Runs the simulation: `make sim SEEDS=200`, `make sim SEED=17`, `make sim-mutants`.

use clap::Parser;
use simulation::{Fault, Mutant, Report, simulate};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// Runs the store through seeds of workload and faults, and checks what must hold.
#[derive(Parser)]
struct Options {
    /// How many seeds to run.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Runs this seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Prints the history of every run, and what the consumers log.
    #[arg(long)]
    verbose: bool,
    /// Switches mechanisms off, one by one, and asks that each be missed within the seeds.
    #[arg(long)]
    mutants: bool,
    /// Switches this mechanism off.
    #[arg(long)]
    mutant: Option<String>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.verbose {
        tracing_subscriber::fmt().with_target(false).without_time().init();
    }
    let named = |name: &String| Mutant::ALL.into_iter().find(|m| format!("{m:?}") == *name);
    let chosen = options.mutant.as_ref().map(|name| named(name).expect("a known mutant"));
    let passed = match (options.seed, options.mutants) {
        (Some(seed), _) => one(seed, chosen, options.verbose),
        (None, true) => mutants(&options),
        (None, false) => storm(&options),
    };
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(seed: u64, mutant: Option<Mutant>, verbose: bool) -> Report {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().expect("a runtime");
    runtime.block_on(simulate(seed, mutant, verbose))
}

fn seeds(options: &Options) -> std::ops::Range<u64> {
    options.first..options.first + options.seeds
}

/// One seed, told in full.
fn one(seed: u64, mutant: Option<Mutant>, verbose: bool) -> bool {
    let report = run(seed, mutant, verbose);
    let Report { orders, redriven, lasted, digest, .. } = &report;
    println!(
        "seed {seed}: {orders} orders, {redriven} messages redriven, {lasted:?} of virtual time"
    );
    println!("digest {digest:016x}");
    for (end, orders) in &report.ends {
        println!("{orders:>6} orders ended {end}");
    }
    for (fault, times) in &report.faults {
        println!("{times:>6} x {}", fault.meaning());
    }
    complain(&report)
}

/// Many seeds: none may break an invariant, and every fault must have struck.
fn storm(options: &Options) -> bool {
    let began = Instant::now();
    let mut struck: BTreeMap<Fault, u64> = Fault::all().map(|fault| (fault, 0)).collect();
    let mut ends: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut failed, mut orders, mut redriven, mut lasted) = (0, 0, 0, Duration::ZERO);
    let (mut digest, mut dearest) = (0_u64, 0);
    let mut done = 0;
    on_all_processors(
        seeds(options),
        |seed| run(seed, None, options.verbose),
        |report| {
            failed += usize::from(!complain(&report));
            digest = digest.wrapping_add(report.digest);
            orders += report.orders;
            redriven += report.redriven;
            lasted += report.lasted;
            dearest = dearest.max(report.dearest);
            for (end, times) in report.ends {
                *ends.entry(end).or_default() += times;
            }
            for (fault, times) in report.faults {
                *struck.entry(fault).or_default() += times;
            }
            done += 1;
            if done % 50 == 0 {
                println!("{done} of {} seeds, {failed} failed", options.seeds);
            }
        },
    );
    let took = began.elapsed();
    for (fault, times) in &struck {
        println!("{times:>8} x {}", fault.meaning());
    }
    for (end, orders) in &ends {
        println!("{orders:>8} orders ended {end}");
    }
    let rate = options.seeds as f64 / took.as_secs_f64() * 60.0;
    println!(
        "{} schedules in {:.1} s, {rate:.0} a minute; {orders} orders, {redriven} messages redriven, \
         {:.0} hours of virtual time",
        options.seeds,
        took.as_secs_f64(),
        lasted.as_secs_f64() / 3600.0,
    );
    println!("{dearest} requests at the most for a message of one invocation");
    let idle: Vec<_> = struck.iter().filter(|(_, times)| **times == 0).collect();
    for (fault, _) in &idle {
        println!("FAILED: {fault:?} never struck: {}", fault.meaning());
    }
    let unseen: Vec<_> = ends.iter().filter(|(_, orders)| **orders == 0).collect();
    for (end, _) in &unseen {
        println!("FAILED: no order ever ended {end}");
    }
    println!("{failed} of {} seeds failed; digest {digest:016x}", options.seeds);
    failed == 0 && idle.is_empty() && unseen.is_empty()
}

/// Every mechanism switched off in its turn: the simulation must miss it.
fn mutants(options: &Options) -> bool {
    let mut all_found = true;
    let search = |mutant| {
        let broken =
            |seed| Some(run(seed, Some(mutant), false)).filter(|r| !r.violations.is_empty());
        (mutant, seeds(options).find_map(broken))
    };
    on_all_processors(Mutant::ALL.into_iter(), search, |(mutant, found)| {
        let text = match &found {
            Some(report) => {
                let violation = report.violations.first().map(String::as_str).unwrap_or_default();
                let violation: String = violation.chars().take(120).collect();
                format!("found by seed {}: {violation}", report.seed)
            }
            None => format!("NOT FOUND in {} seeds", options.seeds),
        };
        println!("{:<18} {text}", format!("{mutant:?}"));
        all_found &= found.is_some();
    });
    all_found
}

/// Works on items with a thread for each processor, and tells of each result as it comes.
fn on_all_processors<T, R: Send>(
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> R + Sync,
    tell: impl FnMut(R) + Send,
) {
    let (items, tell) = (Mutex::new(items), Mutex::new(tell));
    let next = || items.lock().expect("nobody panics here").next();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(item) = next() {
                    let result = work(item);
                    (tell.lock().expect("nobody panics here"))(result);
                }
            });
        }
    });
}

/// Prints what a run broke, and how to run it again. Gives whether it broke nothing.
fn complain(report: &Report) -> bool {
    if report.violations.is_empty() {
        return true;
    }
    println!("seed {} FAILED; again: make sim SEED={}", report.seed, report.seed);
    for violation in report.violations.iter().take(8) {
        let short: String = violation.chars().take(600).collect();
        println!("  {short}");
    }
    let more = report.violations.len().saturating_sub(8);
    if more > 0 {
        println!("  and {more} more");
    }
    false
}
