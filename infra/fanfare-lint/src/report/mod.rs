//! Reports as text: for people, for programs, for code scanning.

mod json;
mod plain;
mod sarif;

pub use json::json;
pub use plain::plain;
pub use sarif::sarif;
