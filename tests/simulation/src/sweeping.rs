//! The schedule of the sweep.

use crate::aws;
use crate::cloud::Cloud;
use crate::invocation::Caller;
use crate::mapping::FUNCTION_TIMEOUT;
use crate::tables;
use crate::time::EnvironmentClock;
use fanfare_bootstrap::Environment;
use std::sync::Arc;
use std::time::Duration;
use sweep::Sweep;
use tokio::time::{sleep, timeout};

/// How often it sweeps, as in the template.
pub(crate) const PERIOD: Duration = Duration::from_secs(60);

/// Sweeps until the run is over. One that fails is made up for by the next.
pub(crate) async fn run(cloud: Arc<Cloud>) {
    let faults_are_on = cloud.faults.switch();
    let clock = EnvironmentClock { time: cloud.time, skew: 0, faults_are_on };
    let caller = Caller::new("sweep".to_owned(), clock, true);
    let client = aws::dynamodb_client(&cloud, &caller);
    let sweep = Sweep::on(client, &environment(&cloud)).expect("the environment is complete");
    while !cloud.is_over() {
        sleep(PERIOD).await;
        let busy = cloud.busy();
        match timeout(FUNCTION_TIMEOUT, sweep.run(cloud.time.now())).await {
            Ok(Ok(announced)) => cloud.history.note(format!("sweep announces {announced}")),
            Ok(Err(error)) => cloud.history.note(format!("sweep: {error}")),
            Err(_) => cloud.history.note("sweep runs out of time"),
        }
        drop(busy);
    }
}

fn environment(cloud: &Cloud) -> Environment {
    let patience = ("SAGA_TIMEOUT_SECONDS", cloud.patience.as_secs().to_string());
    let tables = tables::VARIABLES.map(|(variable, table)| (variable, table.to_owned()));
    Environment::from_iter(tables.into_iter().chain([patience]))
}
