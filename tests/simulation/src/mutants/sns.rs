//! What mutants make the relay read in an answer of SNS.

use super::Mutant;
use serde_json::{Value, json};

impl Mutant {
    /// Rewrites what SNS answers to PublishBatch.
    pub(crate) fn rewrite_publishing(self, answer: &mut Value) {
        match self {
            Self::RefusedEntries | Self::BlockedStreams => take_all(answer),
            Self::OtherEntry => exchange(answer),
            Self::SenderFault => {
                recode(answer, |entry| entry["SenderFault"] == true, "InvalidParameter")
            }
            Self::NeverTaken => recode(answer, |_| true, "InternalError"),
            _ => {}
        }
    }
}

/// Names every entry as taken that was refused.
fn take_all(answer: &mut Value) {
    let refused = answer["Failed"].take();
    let refused = refused.as_array().into_iter().flatten();
    let taken: Vec<_> = refused.map(|entry| json!({"Id": entry["Id"], "MessageId": "m"})).collect();
    answer["Successful"]
        .as_array_mut()
        .into_iter()
        .for_each(|entries| entries.extend(taken.clone()));
}

/// Names the first entry that was taken as refused, and the other way round.
fn exchange(answer: &mut Value) {
    let (taken, refused) =
        (answer["Successful"][0]["Id"].clone(), answer["Failed"][0]["Id"].clone());
    if !taken.is_null() && !refused.is_null() {
        answer["Successful"][0]["Id"] = refused;
        answer["Failed"][0]["Id"] = taken;
    }
}

/// Gives refusals another code.
fn recode(answer: &mut Value, these: impl Fn(&Value) -> bool, code: &str) {
    for entry in answer["Failed"].as_array_mut().into_iter().flatten() {
        if these(entry) {
            entry["Code"] = code.into();
        }
    }
}
