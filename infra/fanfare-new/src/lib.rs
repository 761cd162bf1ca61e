//! What `fanfare new` writes: a project, an event in it, a consumer in it, a function of another kind. Everything is worked out before anything is
//! written, so that what is refused has changed nothing.
//!
//! ```no_run
//! use fanfare_new::{Fanfare, NewProject};
//!
//! let project = NewProject { name: "greenhouse".parse()?, fanfare: Fanfare::Version };
//! project.changes("greenhouse".as_ref())?.apply()?;
//! # Ok::<(), fanfare_new::NewError>(())
//! ```
//!
//! `names` says what may be called what, `declared` reads the events of a project from its code, `project`, `event`, `consumer`
//! and `function` say what each command writes, `code` is a consumer's, `template_text` puts a consumer into a template,
//! `sibling` adds what another consumer has there (`blocks` finds it), and `changes` does it.

mod blocks;
mod changes;
mod code;
mod consumer;
mod declared;
mod error;
mod event;
mod function;
mod layout;
mod names;
mod project;
mod rustfmt;
mod sample;
mod sibling;
mod template_text;

pub use changes::{Change, Changes};
pub use consumer::NewConsumer;
pub use error::NewError;
pub use event::NewEvent;
pub use function::{NewFunction, Schedule};
pub use layout::Layout;
pub use names::{CrateName, EventName, Field, TableKey};
pub use project::{FANFARE_VERSION, Fanfare, NewProject};
