//! The `fanfare` command, and what a command beside it has in common with it.
//!
//! `fanfare NAME …` runs the program `fanfare-NAME`, as git and cargo do, so that a project can add commands of its own.
//! Such a program takes its arguments' vocabulary ([`TargetArguments`]), its way to stop ([`stop_on_ctrl_c`]), its
//! output ([`output`], [`terminal`], [`Bar`]) and its way to run a template ([`up`]) from here, so that it looks and
//! behaves like `fanfare` itself.

mod age;
mod bar;
mod command;
mod completions;
mod console;
mod cost;
mod dlq;
mod export;
mod external;
mod interrupt;
mod invoke;
mod lint;
mod new;
pub mod output;
mod parameter;
mod queues;
mod replay;
mod send;
mod target;
pub mod terminal;
mod time;
pub mod token;
pub mod trace;
pub mod up;

pub use bar::Bar;
pub use command::{ended, run, show_warnings};
pub use interrupt::{exit_code, stop_on_ctrl_c};
pub use target::{EXIT_CODES, TargetArguments};
