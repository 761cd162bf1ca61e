//! Deleting dead letters for good.

use crate::act::{Act, Plan};
use crate::{Action, Connection, DeadLetterQueue, OperateError, Progress, Report, Selection, Stop};

/// Which dead letters are deleted.
pub struct Purge {
    /// Which.
    pub selection: Selection,
    /// Why, for the record: what is deleted can't tell any more.
    pub why: String,
    /// Whether to go on where the stack has no audit table.
    pub unrecorded: bool,
}

impl Connection {
    /// Deletes dead letters, each once it is listed in the audit table.
    ///
    /// # Errors
    /// When it can't begin, or a service takes nothing any more.
    pub async fn purge(
        &self,
        letters: &DeadLetterQueue,
        purge: &Purge,
        progress: &dyn Progress,
        stop: &Stop,
    ) -> Result<Report, OperateError> {
        let plan = Plan {
            action: Action::Purge,
            selection: &purge.selection,
            rate: None,
            editor: None,
            why: Some(&purge.why),
            unrecorded: purge.unrecorded,
            stop_on_return: false,
        };
        Act::run(self, letters, &plan, progress, stop).await
    }
}
