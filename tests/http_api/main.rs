//! The HTTP API: what each call answers, and to whom.

mod callers;
mod calls;
mod prices;
mod tokens;
