//! One run: a storm of faults, then calm, then the oracle.

use crate::cloud::Cloud;
use crate::faults::{Fault, Kinds};
use crate::mapping::Poller;
use crate::mutants::Mutant;
use crate::plan::Plan;
use crate::queues::{Message, Origin};
use crate::relaying::ShardPoller;
use crate::services::Services;
use crate::tables::{self, SAGAS};
use crate::workload::Workload;
use crate::{oracle, relaying, sweeping};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::LocalSet;
use tokio::time::sleep;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The run's seed.
    pub seed: u64,
    /// The digest of all that happened, in order: the same for the same seed and code.
    pub digest: u64,
    /// What broke an invariant; empty when all is well.
    pub violations: Vec<String>,
    /// How often each fault struck.
    pub faults: BTreeMap<Fault, u64>,
    /// Orders that were placed.
    pub orders: usize,
    /// What became of them, and how often: `shipped`, `timed-out` and the other reasons to cancel one.
    pub ends: BTreeMap<&'static str, u64>,
    /// Messages that went through the dead-letter queue.
    pub redriven: usize,
    /// The most requests that an invocation made for each of its messages.
    pub dearest: u64,
    /// How long it took in virtual time.
    pub lasted: Duration,
}

/// The longest storm.
const STORM: Duration = Duration::from_secs(10 * 60);
/// How long it may take to come to rest after that. The longest that anything waits on purpose is an effect of unknown
/// outcome, for twelve hours.
const PATIENCE: Duration = Duration::from_secs(30 * 60 * 60);
/// In which time what has waited for the end of an outage is worked off, though other faults go on: a message looks again
/// after two hours at the latest.
const WORKED_OFF: Duration = Duration::from_secs(6 * 60 * 60);
/// A system that looks at rest is looked at again: a poller may be between two steps.
const LOOK: Duration = Duration::from_secs(2);
/// How long an operator takes before that: longer than a lease by the most wrong of the clocks.
const REACTION: Duration = Duration::from_secs(15 * 60);
/// How often the sweep may have something to tell of: a refund stays pending over some looks.
const SWEEPINGS: usize = 6;
/// How often dead letters are sent back, as an operator would do who has looked what became of their effects.
const REDRIVES: usize = 3;

/// Runs the store through one seed's workload and faults, with a mechanism switched off if asked for.
///
/// To be called in a current-thread runtime of tokio's whose time is paused; `verbose` prints the
/// history to standard output.
pub async fn simulate(seed: u64, mutant: Option<Mutant>, verbose: bool) -> Report {
    let plan = Plan { seed, mutant, verbose, orders: None, faults: Kinds::All };
    LocalSet::new().run_until(run(plan)).await
}

/// Runs the store through so many orders within a minute, with repeats, delays and reordering, and nothing else
/// that fails. To be called as [`simulate`] is.
pub async fn rush(seed: u64, orders: u64) -> Report {
    let (mutant, verbose) = (None, false);
    let plan = Plan { seed, mutant, verbose, orders: Some(orders), faults: Kinds::Delivery };
    LocalSet::new().run_until(run(plan)).await
}

async fn run(plan: Plan) -> Report {
    let cloud = Cloud::new(&plan);
    let services = Services::new(&cloud);
    let workload = Workload::new(Arc::clone(&cloud), plan.orders);
    tokio::task::spawn_local(sweeping::run(Arc::clone(&cloud)));
    for number in 0..cloud.shards.count() {
        tokio::task::spawn_local(ShardPoller::new(Arc::clone(&cloud), number).run());
    }
    tokio::spawn(relaying::plant(Arc::clone(&cloud)));
    for pair in &cloud.queues {
        for slot in 0..cloud.chance.between(2..=4) {
            let (cloud, services) = (Arc::clone(&cloud), services.clone());
            // Lambda asks no handler's future to be `Send`.
            tokio::task::spawn_local(
                Poller { cloud, services, consumer: pair.consumer, slot }.run(),
            );
        }
    }
    tokio::spawn(Arc::clone(&workload).run());
    match cloud.faults.long_outage() {
        Some((fault, end)) => outlasts(&cloud, fault, end).await,
        None => drop(comes_to_rest(&cloud, STORM).await),
    }
    cloud.faults.stop();
    let redriven = calm(&cloud, &services).await;
    cloud.end();
    let ends = oracle::check(&cloud, &workload.expected(), &services);
    let orders = workload.expected().orders.len();
    let (digest, violations) = cloud.history.end();
    let faults = cloud.faults.fired();
    let (seed, lasted, dearest) = (plan.seed, cloud.time.elapsed(), cloud.costs.most());
    Report { seed, digest, violations, faults, orders, ends, redriven, dearest, lasted }
}

/// Lets an outage of hours pass, and the system work off what has waited for its end, while all other faults go on: nothing is
/// given up for it, and what needs nothing of what is out of order does not wait.
async fn outlasts(cloud: &Cloud, fault: Fault, end: Duration) {
    sleep(end.saturating_sub(cloud.time.elapsed())).await;
    oracle::waited_in_vain(cloud, fault);
    comes_to_rest(cloud, WORKED_OFF).await;
    oracle::given_up_for_an_outage(cloud);
}

/// Lets the system come to rest, with dead letters sent back whose effect may be done.
/// Gives how many.
async fn calm(cloud: &Cloud, services: &Services) -> usize {
    let mut redriven = 0;
    for round in 0..=REDRIVES {
        if !settles(cloud).await {
            let waiting: Vec<_> =
                cloud.queues.iter().map(|p| (p.consumer, p.queue.len())).collect();
            cloud.history.violation(format!("no rest after the storm: {waiting:?}"));
            return redriven;
        }
        if round == REDRIVES {
            return redriven;
        }
        let is_due = |letter: &Message| is_left_undone(letter, services);
        if cloud.queues.iter().any(|pair| pair.dead_letters.messages().iter().any(is_due)) {
            sleep(REACTION).await;
        }
        let mut now = 0;
        for pair in &cloud.queues {
            for letter in pair.dead_letters.take(is_due) {
                now += 1;
                pair.queue.redrive(cloud, letter);
            }
        }
        if now == 0 {
            return redriven;
        }
        redriven += now;
    }
    redriven
}

/// Whether a letter of an effect whose outcome is unknown may be put back: where it must not happen twice, after a look at
/// the bell.
fn is_left_undone(letter: &Message, services: &Services) -> bool {
    let claim = &letter.attributes["fanfare.claim"];
    let rings = letter.attributes["fanfare.consumer"]["StringValue"] == "ringing";
    matches!(&letter.origin, Origin::Event(id) if !(claim.is_null() || rings && services.bell.rang_for(id)))
}

/// Waits until nothing is under way, also when the sweep has told of what waited.
async fn settles(cloud: &Cloud) -> bool {
    for _ in 0..SWEEPINGS {
        if !comes_to_rest(cloud, PATIENCE).await {
            return false;
        }
        if !tables::scan(&cloud.database, SAGAS).iter().any(sweeping::waits) {
            return true;
        }
        sleep(cloud.patience + 2 * sweeping::PERIOD).await;
    }
    comes_to_rest(cloud, PATIENCE).await
}

/// Waits until nothing is under way. Gives whether that came about in time. A mutant that was found need not come to rest.
async fn comes_to_rest(cloud: &Cloud, patience: Duration) -> bool {
    let until = cloud.time.elapsed() + patience;
    let mut quiet = 0;
    while quiet < 3 {
        let is_found = cloud.mutant.is_some() && cloud.history.is_broken();
        if is_found || cloud.time.elapsed() > until {
            return false;
        }
        sleep(LOOK).await;
        quiet = if cloud.is_at_rest() { quiet + 1 } else { 0 };
    }
    true
}
