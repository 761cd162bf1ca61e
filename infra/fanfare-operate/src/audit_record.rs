//! What the audit table says of an action.

use crate::who::Who;
use crate::{Counts, Selection};
use fanfare_event::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Letters were sent back to their queue.
    Redrive,
    /// Letters were deleted.
    Purge,
    /// Letters were shown in full.
    Show,
    /// Letters or events were copied to a file.
    Export,
    /// Events were sent to a consumer once more, to be applied again.
    Replay,
    /// A read model was built anew.
    Rebuild,
    /// An event was announced by hand.
    Send,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is under way, or its process died.
    Started,
    /// It went through the whole queue.
    Done,
    /// Somebody stopped it.
    Interrupted,
    /// A service refused.
    Failed,
}

/// The record of one action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// Its id; ids sort by time.
    pub id: String,
    /// What was done.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
    /// Whose dead letters, or what else was acted on.
    pub consumer: String,
    /// The dead-dead letter queue, if it is about one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub queue: String,
    /// The queues that dead letters were sent to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// Which dead letters were meant.
    pub selection: Selection,
    /// Whether they were edited.
    pub edit: bool,
    /// Why, in the operator's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The user and the machine, as they call themselves.
    pub who: String,
    /// Whom AWS knows by the credentials, as STS tells it; `unknown` where nobody could be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What became of how many dead letters.
    pub counts: Counts,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl AuditRecord {
    /// The record of something that begins now.
    pub(crate) fn begun(action: Action, consumer: &str, who: Who) -> Self {
        Self {
            id: format!("aud_{}", Uuid::now_v7().simple()),
            action,
            outcome: Outcome::Started,
            consumer: consumer.to_owned(),
            queue: String::new(),
            targets: Vec::new(),
            selection: Selection::default(),
            edit: false,
            why: None,
            who: who.user,
            identity: Some(who.identity),
            started_at: Timestamp::now(),
            ended_at: None,
            counts: Counts::default(),
            error: None,
        }
    }
}

/// A message that an action was about to touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditedMessage {
    /// Its id in the dead-dead letter queue.
    pub message_id: String,
    /// The event's id, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// The event's type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// Its cause's group.
    pub group: String,
    /// In how many parts the original is kept, if it was edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_parts: Option<usize>,
}

/// The body of a dead letter as it was before somebody edited it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Original {
    /// The dead letter.
    pub message_id: String,
    /// Its body.
    pub body: String,
}

/// All that is known of one action.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditDetail {
    /// The record.
    #[serde(flatten)]
    pub record: AuditRecord,
    /// Every message that it was about to touch.
    pub messages: Vec<AuditedMessage>,
    /// What edited ones were before.
    pub originals: Vec<Original>,
}
