//! How often, and how much, memory is allocated for a message.

use super::comparison::Comparison;
use super::execution_environment::ExecutionEnvironment;
use super::subject::Subject;

const BATCH: usize = 10;
const BATCHES: usize = 100;

pub(crate) async fn measure(comparison: &mut Comparison) {
    let mut times = [0.0; Subject::ALL.len()];
    let mut kib = times;
    for (n, subject) in Subject::ALL.into_iter().enumerate() {
        let mut environment = ExecutionEnvironment::start_counting(subject).await;
        let (allocations, bytes) = environment.allocations(BATCH, BATCHES).await;
        (times[n], kib[n]) = (allocations, bytes / 1024.0);
    }
    comparison.add("allocations a message", times, 0, None);
    comparison.add("KiB allocated a message", kib, 1, None);
}
