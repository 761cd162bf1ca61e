//! What of other crates is part of this one's interface.
//!
//! These types are needed by who brings a [`Runtime`](crate::Runtime) of their own, for a test or a simulation; a function
//! that calls [`Consumer::run`](crate::Consumer::run) meets none of them. They are re-exported, so that no dependency of
//! one's own has to be of the same version. A new major version of one of these crates is a new breaking version of
//! `fanfare`, and its minor versions come with `fanfare`'s minor versions.

pub use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
pub use aws_sdk_dynamodb;
pub use aws_sdk_sqs;
