//! The simulated cloud: what every part of a run shares.

use crate::aws::{Stale, Watch};
use crate::chance::Chance;
use crate::consumers::{FIFO, OWN};
use crate::costs::Costs;
use crate::faults::{Faults, Kinds};
use crate::history::History;
use crate::mutants::Mutant;
use crate::plan::Plan;
use crate::queues::{self, Queue};
use crate::relaying::DEAD_LETTERS;
use crate::shards::Shards;
use crate::tables;
use crate::time::VirtualTime;
use crate::topic::Topic;
use dynoxide::Database;
use event_schema::StoreEvent;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// The consumers, and which events each subscribes to: the template's mapping `Subscriptions`.
pub(crate) const SUBSCRIPTIONS: [(&str, &[&str]); 7] = [
    (
        "email",
        &[
            "CustomerRegistered",
            "CustomerUpdated",
            "OrderPlaced",
            "OrderConfirmed",
            "OrderShipped",
            "OrderCancelled",
        ],
    ),
    ("inventory", &["OrderPlaced", "OrderShipped", "OrderCancelled"]),
    (
        "payment",
        &[
            "OrderPlaced",
            "OrderCancellationRequested",
            "OrderTimedOut",
            "InventoryReserved",
            "OrderCancelled",
            "RefundRequested",
            "RefundLookDue",
        ],
    ),
    (
        "checkout",
        &[
            "OrderPlaced",
            "OrderCancellationRequested",
            "OrderTimedOut",
            "InventoryReservationFailed",
            "PaymentProcessed",
            "PaymentFailed",
            "OrderShipped",
            "ShipmentCancelled",
            "RefundPending",
            "PaymentRefunded",
        ],
    ),
    ("shipping", &["OrderPlaced", "OrderConfirmed", "OrderCancelled", "ShipmentStopRequested"]),
    (
        "analytics",
        &[
            "OrderPlaced",
            "InventoryReserved",
            "PaymentProcessed",
            "PaymentRefunded",
            "OrderConfirmed",
            "InventoryDispatched",
            "OrderCancelled",
        ],
    ),
    ("views", &StoreEvent::TYPES),
];

/// Every consumer, the simulation's own too, and which events each is told of.
pub(crate) fn consumers() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    SUBSCRIPTIONS.into_iter().chain(OWN)
}

/// A consumer's queue and its dead-letter queue.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) consumer: &'static str,
    pub(crate) queue: Arc<Queue>,
    pub(crate) dead_letters: Arc<Queue>,
    /// The most messages in one batch.
    pub(crate) batch_size: u64,
}

/// Messages in one batch as a rule, and the most that Lambda takes from a standard queue
/// (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>).
const BATCH: u64 = 10;
const LARGEST_BATCH: u64 = 10_000;

/// The cloud of one run.
pub(crate) struct Cloud {
    pub(crate) seed: u64,
    pub(crate) time: VirtualTime,
    pub(crate) database: Database,
    pub(crate) queues: Vec<Pair>,
    pub(crate) faults: Faults,
    pub(crate) history: History,
    pub(crate) watch: Watch,
    pub(crate) stale: Stale,
    pub(crate) costs: Costs,
    pub(crate) mutant: Option<Mutant>,
    /// The stream of chance that latencies and ids come from.
    pub(crate) chance: Chance,
    /// How long an order may be open.
    pub(crate) patience: Duration,
    /// When the build is deployed whose events the one before it can't read.
    deployed_at: Duration,
    /// What was written into the event table and not yet published.
    pub(crate) shards: Shards,
    pub(crate) topic: Topic,
    /// What the relay can't publish.
    pub(crate) relayed: Arc<Queue>,
    busy: Arc<AtomicU64>,
    over: AtomicBool,
}

/// Something under way; the system is not at rest while one of these is alive.
#[derive(Debug)]
pub(crate) struct Busy(Arc<AtomicU64>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Cloud {
    /// The cloud at the beginning of a run.
    pub(crate) fn new(plan: &Plan) -> Arc<Self> {
        let seed = plan.seed;
        let time = VirtualTime::start();
        let sizes = Chance::new(seed, "batch sizes");
        let pair = |(consumer, _): (&'static str, _)| {
            let is_large = sizes.happens(0.1) && consumer != FIFO;
            let kind = if consumer == FIFO { ".fifo" } else { "" };
            Pair {
                consumer,
                queue: Queue::new(format!("{consumer}{kind}")),
                dead_letters: Queue::new(format!("{consumer}-dead-letters{kind}")),
                batch_size: if is_large { LARGEST_BATCH } else { BATCH },
            }
        };
        Arc::new(Self {
            seed,
            time,
            database: tables::create(time),
            queues: consumers().map(pair).collect(),
            faults: Faults::new(seed, plan.faults),
            history: History::new(time, plan.verbose),
            watch: Watch::default(),
            stale: Stale::default(),
            costs: Costs::default(),
            mutant: plan.mutant,
            chance: Chance::new(seed, "cloud"),
            patience: Duration::from_secs(Chance::new(seed, "patience").between(60..=600)),
            deployed_at: deployment(seed, plan.faults),
            shards: Shards::new(seed, time, plan.faults == Kinds::All),
            topic: Topic::new(seed),
            relayed: Queue::new(DEAD_LETTERS.to_owned()),
            busy: Arc::default(),
            over: AtomicBool::new(false),
        })
    }

    /// Whether the deployment is over.
    pub(crate) fn is_deployed(&self) -> bool {
        self.time.elapsed() >= self.deployed_at
    }

    /// A new id.
    pub(crate) fn id(&self) -> String {
        queues::id(&self.chance)
    }

    /// A consumer's queues.
    pub(crate) fn pair(&self, consumer: &str) -> &Pair {
        self.queues.iter().find(|pair| pair.consumer == consumer).expect("a known consumer")
    }

    /// Says that something is under way.
    pub(crate) fn busy(&self) -> Busy {
        self.busy.fetch_add(1, Ordering::Relaxed);
        Busy(Arc::clone(&self.busy))
    }

    /// Whether nothing is under way and no message waits.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.busy.load(Ordering::Relaxed) == 0
            && self.shards.are_read()
            && self.queues.iter().all(|pair| pair.queue.len() == 0)
    }

    /// Ends the run: whoever polls, stops.
    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Whether the run has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

/// When a run's deployment is over: in most of them nothing is deployed.
fn deployment(seed: u64, faults: Kinds) -> Duration {
    let chance = Chance::new(seed, "deployment");
    match faults == Kinds::All && chance.happens(0.15) {
        true => Duration::from_millis(chance.magnitude(1_000..=20 * 60_000)),
        false => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::function::MAX_TRIES;
    use crate::mapping::FUNCTION_TIMEOUT;
    use crate::queues::{MAX_RECEIVE_COUNT, VISIBILITY_TIMEOUT};
    use crate::relaying::{BATCH_SIZE, MAXIMUM_AGE};
    use saphyr::{LoadableYamlNode, Yaml};
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;

    fn template() -> String {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/template.yaml");
        fs::read_to_string(file).expect("a readable template")
    }

    #[test]
    fn the_settings_are_the_template_s() {
        let template = template();
        for (parameter, ours) in [
            ("FunctionTimeout", FUNCTION_TIMEOUT.as_secs()),
            ("VisibilityTimeout", VISIBILITY_TIMEOUT.as_secs()),
            ("MaxTries", MAX_TRIES.into()),
        ] {
            let (_, rest) = template.split_once(&format!("\n  {parameter}:\n")).expect(parameter);
            let (_, default) = rest.split_once("Default: ").expect(parameter);
            assert!(default.starts_with(&format!("{ours}\n")), "{parameter} is not {ours}");
        }
        let trigger = format!(
            "BatchSize: {BATCH_SIZE}\n            FunctionResponseTypes: [ReportBatchItemFailures]\n"
        );
        assert!(template.contains(&trigger), "the relay's batches are others");
        let age = format!("MaximumRecordAgeInSeconds: {}\n", MAXIMUM_AGE.as_secs());
        assert!(template.contains(&age), "the relay's records grow older");
        let receives = format!("maxReceiveCount: {MAX_RECEIVE_COUNT}\n");
        assert_eq!(
            template.matches(&receives).count(),
            template.matches("maxReceiveCount").count()
        );
    }

    #[test]
    fn the_subscriptions_are_the_template_s() {
        let template = template();
        let (_, mappings) = template.split_once("\nMappings:\n").expect("mappings");
        let is_inside = |line: &&str| line.is_empty() || line.starts_with([' ', '#']);
        let mappings: Vec<_> = mappings.lines().take_while(is_inside).collect();
        let mappings = Yaml::load_from_str(&mappings.join("\n")).expect("YAML");
        let subscriptions = mappings[0]["Subscriptions"].as_mapping().expect("subscriptions");
        let theirs: BTreeMap<_, BTreeSet<_>> = subscriptions
            .iter()
            .map(|(consumer, its)| {
                let types = its["events"].as_vec().expect("a list of types");
                (
                    consumer.as_str().expect("a name"),
                    types.iter().filter_map(Yaml::as_str).collect(),
                )
            })
            .collect();
        let ours = SUBSCRIPTIONS.into_iter();
        let ours = ours.map(|(consumer, types)| (consumer, types.iter().copied().collect()));
        assert_eq!(theirs, ours.collect());
    }
}
