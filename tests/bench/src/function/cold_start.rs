//! From the start of the process until it asks Lambda for work.

use super::comparison::{Aim, Comparison};
use super::execution_environment::ExecutionEnvironment;
use super::subject::Subject;
use super::throttle::{SHARE, Throttle};
use crate::figures::median;

/// Starts whose median is taken.
const STARTS: usize = 41;
/// Milliseconds that `inventory` may take longer than the floor.
const MORE: f64 = 1.0;

pub(crate) async fn measure(comparison: &mut Comparison) {
    let [time, cpu] = starts(None).await;
    let [_, floor, ours] = time;
    let aim = Aim { text: "1 ms more than PutItem's", is_met: ours <= floor + MORE };
    comparison.add("start to first poll, ms", time, 1, Some(aim));
    comparison.add("CPU until first poll, ms", cpu, 1, None);
    match Throttle::new() {
        Some(throttle) => {
            let name = format!("start to first poll at {SHARE} CPU, ms");
            let [time, _] = starts(Some(&throttle)).await;
            comparison.add(&name, time, 1, None);
        }
        None => println!("No part of a CPU: that takes cgroups of version 1 and their owner.\n"),
    }
}

/// The time, and the processor time, of every subject.
async fn starts(throttle: Option<&Throttle>) -> [[f64; Subject::ALL.len()]; 2] {
    let mut times = Subject::ALL.map(|_| Vec::with_capacity(STARTS));
    let mut cpu = times.clone();
    // In turns, so that a busy moment of the machine strikes all alike.
    for _ in 0..STARTS {
        for ((subject, times), cpu) in Subject::ALL.into_iter().zip(&mut times).zip(&mut cpu) {
            let mut environment = match throttle {
                Some(throttle) => ExecutionEnvironment::start_throttled(subject, throttle).await,
                None => ExecutionEnvironment::start(subject).await,
            };
            times.push(environment.first_poll().await.as_secs_f64() * 1e3);
            cpu.push(environment.cpu_seconds_of_start() * 1e3);
        }
    }
    [times.map(median), cpu.map(median)]
}
