//! The reference pages in `docs/reference` tell of everything that the code knows, and of nothing else.

mod environment;
mod ledger;
mod metrics;
mod page;
mod sources;
mod work_and_failure;
