//! Whether an order costs the same however many there were before.

use super::memory::proportional_kib;
use super::orders::{place, settle};
use comfy_table::Table;
use comfy_table::presets::NOTHING;
use std::time::Instant;
use system_tests::Store;

/// Orders in all at which the runner is looked at.
const MILESTONES: [usize; 4] = [500, 1_000, 3_000, 10_000];
/// Orders that are placed and worked off before the next ones are placed.
const WAVE: usize = 500;
/// Every consumer's queue, as the template names it.
const QUEUES: [&str; 7] = [
    "AnalyticsQueue",
    "CheckoutQueue",
    "EmailQueue",
    "InventoryQueue",
    "PaymentQueue",
    "ShippingQueue",
    "ViewsQueue",
];

/// Places orders in waves and prints, for each stretch between two milestones, what an order of it cost.
pub(super) async fn measure() {
    let store = Store::start(&[]).await;
    store.customer("cust_1").await;
    store.stock("mug", 1_000_000).await;
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header([
        "orders",
        "settled/s",
        "runner, ms CPU an order",
        "functions",
        "runner, MiB",
    ]);
    let mut placed = 0;
    for milestone in MILESTONES {
        let (before, begun, from) = (Cpu::of(&store).await, Instant::now(), placed);
        while placed < milestone {
            let wave = WAVE.min(milestone - placed);
            work_off(&store, wave).await;
            placed += wave;
        }
        let (after, took) = (Cpu::of(&store).await, begun.elapsed().as_secs_f64());
        let orders = (placed - from) as f64;
        let memory = proportional_kib(store.process().pid()) as f64 / 1024.0;
        table.add_row([
            milestone.to_string(),
            format!("{:.0}", orders / took),
            format!("{:.1}", (after.runner - before.runner) * 1e3 / orders),
            format!("{:.1}", (after.functions - before.functions) * 1e3 / orders),
            format!("{memory:.0}"),
        ]);
    }
    store.stop().await;
    println!("What an order costs after so many others\n\n{table}\n");
}

/// Places orders and waits until every consumer has done with them.
async fn work_off(store: &Store, orders: usize) {
    let placed = place(store, orders).await;
    let last = placed.len().saturating_sub(1);
    settle(store, &placed[last..]).await;
    for queue in QUEUES {
        store.aws.drained(queue).await;
    }
}

/// Processor time so far, in seconds.
struct Cpu {
    runner: f64,
    /// Those that run, and those that the runner has seen the end of.
    functions: f64,
}

impl Cpu {
    async fn of(store: &Store) -> Self {
        let [runner, ended] = times(store.process().pid());
        let running: f64 =
            store.function_processes().await.into_iter().map(|pid| times(pid)[0]).sum();
        Self { runner, functions: ended + running }
    }
}

/// Processor time of a process, and of those of its children that have ended, in seconds (`proc_pid_stat(5)`).
fn times(pid: u32) -> [f64; 2] {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields = stat.rsplit_once(')').map(|(_, fields)| fields.split_whitespace());
    let ticks: Vec<f64> =
        fields.into_iter().flatten().filter_map(|field| field.parse().ok()).collect();
    // The state, the first field after the name, is no number; user time is the 14th field of all.
    let of = |first: usize| ticks.iter().skip(first).take(2).sum::<f64>() / TICKS_A_SECOND;
    [of(10), of(12)]
}

/// `USER_HZ`, the same on every Linux.
const TICKS_A_SECOND: f64 = 100.0;
