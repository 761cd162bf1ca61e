//! From a SAM or CloudFormation template to a [`Stack`].
//!
//! The way in is [`load`]. `fanfare-template` reads the template and works its values out; here are the names that this
//! stack gives to resources (`scope`), and what each resource adds to the stack (`resources`). What the template says
//! and the runner can't do is a [`TemplateError`]; nothing is skipped in silence, except what makes no difference on one
//! machine (encryption, tags, permissions).

mod checks;
mod error;
mod fault;
mod front;
mod loader;
mod properties;
mod recovery;
mod resources;
mod scope;
pub mod stack;
mod unsupported;

#[cfg(test)]
mod tests;

pub use error::TemplateError;
pub use fault::{Fault, FaultKind, Faults};
pub use loader::{Context, load};
pub(crate) use loader::{Loaded, open};
pub(crate) use resources::is_inert;
pub use stack::Stack;
