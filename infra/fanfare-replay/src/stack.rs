//! A running stack.

use fanfare_operate::Connection;

/// A running stack, by its name.
#[derive(Debug, Clone)]
pub struct Stack(pub(crate) Connection);

impl Stack {
    /// The stack that a connection leads to. Nothing is called yet.
    pub fn at(connection: Connection) -> Self {
        Self(connection)
    }
}
