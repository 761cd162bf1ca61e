//! The relay: what can't be published is in its dead-letter queue, and nothing else is.

use crate::cloud::Cloud;
use crate::relaying::FOREIGN;
use crate::tables::{self, EVENTS, text};
use serde_json::Value;
use std::collections::BTreeSet;

pub(crate) fn check(cloud: &Cloud) {
    let mut untold: BTreeSet<String> = tables::scan(&cloud.database, EVENTS)
        .iter()
        .map(|item| text(item, "stream").to_owned())
        .filter(|stream| stream.starts_with(FOREIGN))
        .collect();
    for letter in cloud.relayed.messages() {
        let content: Value = serde_json::from_str(&letter.body).unwrap_or_default();
        let stream = content["key"]["stream"].as_str().unwrap_or_default();
        untold.remove(stream);
        if !stream.starts_with(FOREIGN) {
            cloud.history.violation(format!("the relay gave up on an event: {}", letter.body));
        }
        if content["reason"].as_str().is_none_or(str::is_empty) {
            cloud.history.violation(format!("a letter without a reason: {}", letter.body));
        }
    }
    for stream in untold {
        cloud.history.violation(format!("the relay says nothing of {stream}"));
    }
}
