//! A whole stack, with real processes and AWS's own clients.

mod delivery;
mod families;
mod invocation;
mod persistence;
mod refused;
mod runner_dies;
mod strangers;
mod support;
