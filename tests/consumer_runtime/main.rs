//! Rules of the consumer runtime that none of the store's consumers needs, or that need a service which is down. The
//! runtime is this process's own; DynamoDB and SQS are the runner's.

mod announcements;
mod circuit_breaker;
mod dead_letters;
mod effects;
mod fifo;
mod isolation;
mod kit;
mod repeats;
mod start;
