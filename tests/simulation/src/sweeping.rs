//! The schedule of the sweep, and whether somebody waits whom it should have told of.

use crate::aws;
use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::invocation::Caller;
use crate::mapping::FUNCTION_TIMEOUT;
use crate::mutants::Mutant;
use crate::tables::{self, SAGAS, number, text};
use crate::time::EnvironmentClock;
use fanfare_bootstrap::Environment;
use read_models::sagas::{Lane, OPEN, OPEN_SINCE, ORDER_ID};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use sweep::Sweep;
use tokio::time::{Instant, sleep, timeout};

/// How often it sweeps, as in the template.
pub(crate) const PERIOD: Duration = Duration::from_secs(60);

/// Sweeps without a fault that may pass until it has told of everybody.
const SWEEPS: u32 = 3;

/// How the keys of sagas begin that somebody else wrote, and that are no order's.
const MALFORMED: &str = "no order ";

/// Sweeps until the run is over. What one leaves is made up for by the next.
pub(crate) async fn run(cloud: Arc<Cloud>) {
    let faults_are_on = cloud.faults.switch();
    let clock = EnvironmentClock { time: cloud.time, skew: 0, faults_are_on };
    let caller = Caller::new("sweep".to_owned(), clock, true);
    let client = aws::dynamodb_client(&cloud, &caller);
    let sweep = Sweep::on(client, &environment(&cloud)).expect("the environment is complete");
    let mut overdue = Overdue::default();
    if cloud.faults.strike(Fault::MalformedSaga) {
        plant(&cloud);
    }
    let mut is_idle = false;
    while !cloud.is_over() {
        sleep(PERIOD).await;
        let is_unchanged = !cloud.watch.take_saga_written();
        if is_idle && is_unchanged {
            // It would find nothing again, minute after minute of the hours that a run may last.
            continue;
        }
        let busy = cloud.busy();
        if cloud.mutant != Some(Mutant::Sweep) {
            let deadline = Instant::now() + FUNCTION_TIMEOUT - Duration::from_millis(500);
            match timeout(FUNCTION_TIMEOUT, sweep.run(cloud.time.now(), deadline)).await {
                Ok(swept) => cloud.history.note(format!("{swept:?}")),
                Err(_) => cloud.history.violation("the sweep outlasted its time"),
            }
        }
        let sagas = tables::scan(&cloud.database, SAGAS);
        is_idle = !sagas.iter().any(waits);
        overdue.look(&cloud, &sagas);
        drop(busy);
    }
}

fn environment(cloud: &Cloud) -> Environment {
    let patience = cloud.patience.as_secs();
    let settings = ["SAGA_TIMEOUT_SECONDS", "STALL_SECONDS", "REFUND_LOOK_SECONDS"];
    let settings = settings.map(|name| (name, patience.to_string()));
    let tables = tables::VARIABLES.map(|(variable, table)| (variable, table.to_owned()));
    Environment::from_iter(tables.into_iter().chain(settings))
}

/// Puts a saga at the head of every partition of the index that the checkout never wrote.
fn plant(cloud: &Cloud) {
    for lane in Lane::all() {
        let item = json!({
            ORDER_ID: {"S": format!("{MALFORMED}{lane}")}, OPEN: {"S": lane.to_string()},
            OPEN_SINCE: {"N": "0"},
        });
        tables::put(&cloud.database, SAGAS, item);
    }
}

/// Whether a saga is an order's.
pub(crate) fn is_order(saga: &Value) -> bool {
    !text(saga, ORDER_ID).starts_with(MALFORMED)
}

/// Whether a saga is an order's that waits, and that nobody was told of yet.
pub(crate) fn waits(saga: &Value) -> bool {
    is_order(saga) && !saga[OPEN].is_null()
}

/// The sagas that have waited for too long, and how many sweeps have passed them over.
#[derive(Default)]
struct Overdue(BTreeMap<(String, i64), u32>);

impl Overdue {
    fn look(&mut self, cloud: &Cloud, sagas: &[Value]) {
        if cloud.faults.are_on() {
            self.0.clear();
            return;
        }
        let before = (cloud.time.now() - cloud.patience).as_millisecond();
        let late = sagas.iter().filter(|saga| waits(saga)).filter_map(|saga| {
            let since = number(saga, OPEN_SINCE).filter(|since| *since < before)?;
            Some((text(saga, ORDER_ID).to_owned(), since))
        });
        let passed_over = |key: &(String, i64)| self.0.get(key).copied().unwrap_or(0) + 1;
        self.0 = late.map(|key| (key.clone(), passed_over(&key))).collect();
        for ((order, _), _) in self.0.iter().filter(|(_, sweeps)| **sweeps == SWEEPS) {
            cloud
                .history
                .violation(format!("{order} waits for too long, and no sweep tells of it"));
        }
    }
}
