//! What it means for a consumer to apply an event again.

use serde::{Deserialize, Serialize};

/// What it means for a consumer to apply an event again, as its function's metadata says under
/// `Fanfare: { ForcedReplay: … }`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForcedReplay {
    /// It does not say: nobody replays to it by force.
    #[default]
    Unsaid,
    /// `Harmless`, or `{ Harmless: why }`: it changes nothing that is right.
    Harmless(Option<String>),
    /// `{ Refused: why }`: it must not be.
    Refused(String),
    /// `{ IfEmpty: TABLE, Because: why }`: it is right only while a table is empty.
    IfEmpty {
        /// The table's logical id.
        table: String,
        /// Why.
        because: String,
    },
}
