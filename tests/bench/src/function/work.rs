//! Batches of ten, as fast as the function takes them: messages, processor time, memory, DynamoDB requests and write
//! units.

use super::comparison::{Aim, Comparison};
use super::execution_environment::{Consumption, ExecutionEnvironment};
use super::subject::Subject;
use crate::figures::median;

const BATCH: usize = 10;
/// Runs whose medians are taken.
const RUNS: usize = 3;
/// Powertools for Python and for TypeScript spend this many write units a message of the same workload, without
/// an event: measured.
const POWERTOOLS_UNITS: f64 = 6.34;
/// MiB that the process may have at its peak.
const MEMORY: f64 = 12.0;

/// One run.
struct Run {
    consumption: Consumption,
    memory: f64,
}

pub(crate) async fn measure(comparison: &mut Comparison) {
    let mut runs = Subject::ALL.map(|_| Vec::with_capacity(RUNS));
    for _ in 0..RUNS {
        for (subject, runs) in Subject::ALL.into_iter().zip(&mut runs) {
            runs.push(run(subject).await);
        }
    }
    let medians = |figure: fn(&Run) -> f64| {
        runs.each_ref().map(|runs| median(runs.iter().map(figure).collect()))
    };

    let rate = medians(|run| run.consumption.messages_per_second());
    let aim = Aim { text: "at least PutItem's", is_met: rate[2] >= rate[1] };
    comparison.add("messages/s, DynamoDB in 5 ms", rate, 0, Some(aim));

    let cpu = medians(|run| run.consumption.cpu_seconds_per_thousand());
    let aim = Aim { text: "at most twice PutItem's", is_met: cpu[2] <= 2.0 * cpu[1] };
    comparison.add("CPU seconds per 1,000 messages", cpu, 3, Some(aim));

    let memory = medians(|run| run.memory);
    let aim = Aim { text: "12 MiB", is_met: memory[2] <= MEMORY };
    comparison.add("peak memory, MiB", memory, 1, Some(aim));

    let requests =
        medians(|run| run.consumption.per_message(run.consumption.tally.requests as f64));
    comparison.add("DynamoDB requests a message", requests, 2, None);

    let late = medians(|run| {
        100.0 * run.consumption.tally.late as f64 / run.consumption.tally.requests.max(1) as f64
    });
    comparison.add("answers of DynamoDB that were late, %", late, 1, None);

    let units = medians(|run| run.consumption.per_message(run.consumption.tally.write_units()));
    let aim = Aim { text: "Powertools' 6.34", is_met: units[2] <= POWERTOOLS_UNITS };
    comparison.add("write units a message", units, 2, Some(aim));
}

async fn run(subject: Subject) -> Run {
    let messages = match subject {
        Subject::Nothing => 60_000,
        Subject::PutItem | Subject::Inventory => 6_000,
    };
    let mut environment = ExecutionEnvironment::start(subject).await;
    let consumption = environment.work(BATCH, messages).await;
    if subject == Subject::Inventory {
        environment.assert_exactly_once();
    }
    Run { consumption, memory: environment.peak_memory() }
}

impl Consumption {
    pub(crate) fn messages_per_second(&self) -> f64 {
        self.messages / self.time.as_secs_f64()
    }

    pub(crate) fn cpu_seconds_per_thousand(&self) -> f64 {
        1e3 * self.cpu_seconds / self.messages
    }

    pub(crate) fn per_message(&self, total: f64) -> f64 {
        total / self.messages
    }
}
