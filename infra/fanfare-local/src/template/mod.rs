//! From a SAM or CloudFormation template to a [`Stack`].
//!
//! The way in is [`load`]. YAML becomes a tree that knows its lines (`yaml`), the tree a `Document`, and
//! each resource, its intrinsics resolved against a `Scope`, adds what it stands for to the stack
//! (`resources`). What the template says and the runner can't do is a [`TemplateError`]; nothing is
//! skipped in silence, except what makes no difference on one machine (encryption, tags, permissions).

mod checks;
mod conditions;
mod document;
mod error;
mod globals;
mod intrinsics;
mod loader;
mod parameters;
mod properties;
mod resources;
mod scope;
pub mod stack;
mod substitution;
mod yaml;

#[cfg(test)]
mod tests;

pub use error::TemplateError;
pub use loader::{Context, load};
pub use stack::Stack;
