//! What is measured.

/// A function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// `lambda_runtime` alone.
    Nothing,
    /// One PutItem a message, all of a batch at once.
    PutItem,
    /// The store's `inventory`, with everything on.
    Inventory,
}

impl Subject {
    pub(crate) const ALL: [Self; 3] = [Self::Nothing, Self::PutItem, Self::Inventory];

    /// The program's name.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Nothing => "floor-nothing",
            Self::PutItem => "floor-put-item",
            Self::Inventory => "inventory",
        }
    }
}
