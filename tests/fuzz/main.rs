//! Fuzzing of what arrives from outside: envelopes, message bodies, batches, requests.
//!
//! Each target replays its corpus as it stands, then mutants of it: for a second under plain `cargo test`, as long
//! as asked by `make fuzz SECONDS=60`. A failure is shrunk, and printed with a seed for `BOLERO_RANDOM_SEED`, which
//! replays it; it belongs into the corpus then.

mod aws;
mod batch;
mod body;
mod corpus;
mod envelope;
mod memory;
mod mutant;
mod redaction;
mod server;
