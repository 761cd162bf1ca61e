//! A function process, as the system sees it.

use std::fs;
use std::io::{BufRead, BufReader, Write, copy, sink};
use std::process::{Child, ChildStderr};
use std::thread;

/// A function process. Ends with this.
pub(super) struct Process {
    child: Child,
    counts: Option<BufReader<ChildStderr>>,
}

impl Process {
    pub(super) fn new(mut child: Child) -> Self {
        // Lambda reads what a function logs, too.
        let mut log = child.stdout.take().expect("standard output is piped");
        thread::spawn(move || copy(&mut log, &mut sink()));
        let counts = child.stderr.take().map(BufReader::new);
        Self { child, counts }
    }

    /// Processor time so far, of the user and of the system.
    pub(super) fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()));
        // The name of the program, in parentheses, may hold spaces.
        let stat = stat.unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: Vec<f64> = fields.skip(11).take(2).filter_map(|n| n.parse().ok()).collect();
        ticks.iter().sum::<f64>() / ticks_per_second()
    }

    /// Processor time of its main thread so far, precise to less than a microsecond.
    pub(super) fn cpu_seconds_of_main_thread(&self) -> f64 {
        let times = fs::read_to_string(format!("/proc/{}/schedstat", self.child.id()));
        let times = times.unwrap_or_default();
        let running = times.split_whitespace().next().and_then(|n| n.parse::<f64>().ok());
        running.map_or(f64::NAN, |nanoseconds| nanoseconds / 1e9)
    }

    /// The most memory that it had, in MiB.
    pub(super) fn peak_memory(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
        kib.map_or(f64::NAN, |kib| kib / 1024.0)
    }

    /// Asks one that counts for its allocations and bytes so far.
    pub(super) fn allocated(&mut self) -> (f64, f64) {
        let question = self.child.stdin.as_mut().expect("standard input is piped");
        question.write_all(b"\n").expect("the function listens");
        let mut line = String::new();
        self.counts.as_mut().expect("piped").read_line(&mut line).expect("an answer");
        let mut numbers = line.split_whitespace().filter_map(|n| n.parse().ok());
        numbers.next().zip(numbers.next()).expect("two numbers")
    }
}

#[cfg(target_os = "linux")]
fn ticks_per_second() -> f64 {
    rustix::param::clock_ticks_per_second() as f64
}

#[cfg(not(target_os = "linux"))]
fn ticks_per_second() -> f64 {
    f64::NAN
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).expect("the function ends");
    }
}
