//! Which dead letters are meant.

use clap::Args;
use fanfare_operate::Selection;

/// Where several are given, all must hold.
#[derive(Args)]
pub(super) struct SelectionArguments {
    /// Those of one cause, by the name that `dlq ls` gives its group
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// The one with this message id or event id
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Those with this text in their body or their error
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
}

impl From<SelectionArguments> for Selection {
    fn from(arguments: SelectionArguments) -> Self {
        let SelectionArguments { group, id, filter } = arguments;
        Self { group, id, filter, ..Self::default() }
    }
}
