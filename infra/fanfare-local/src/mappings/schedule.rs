//! Invokes a function at a rate.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::{Instant, MissedTickBehavior};

use super::Feed;
use crate::functions::Outcome;
use crate::statistics::MappingCounters;

/// Invokes until the runner stops; the first time after one period, as EventBridge does.
pub(crate) async fn run(feed: Feed, every: Duration, input: Option<Value>) {
    let mut ticks = tokio::time::interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut stop = feed.stop.clone();
    loop {
        tokio::select! {
            () = stop.requested() => return,
            _ = ticks.tick() => {}
        }
        let event = input.clone().unwrap_or_else(|| scheduled_event(&feed));
        MappingCounters::add(&feed.counters.batches, 1);
        MappingCounters::add(&feed.counters.records, 1);
        let invocation = feed.pool.invoke(Bytes::from(event.to_string()));
        let Some(outcome) = feed.unless_stopped(invocation).await else { return };
        if let Outcome::Failed { failure, payload } = outcome {
            MappingCounters::add(&feed.counters.failed_records, 1);
            let error = String::from_utf8_lossy(&payload);
            tracing::warn!(mapping = feed.mapping.logical_id, ?failure, %error, "a scheduled invocation failed");
        }
    }
}

fn scheduled_event(feed: &Feed) -> Value {
    let Feed { region, account, mapping, .. } = feed;
    json!({
        "version": "0",
        "id": uuid::Uuid::new_v4().to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": account.as_ref(),
        "time": jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": region.as_ref(),
        "resources": [format!("arn:aws:events:{region}:{account}:rule/{}", mapping.logical_id)],
        "detail": {},
    })
}
