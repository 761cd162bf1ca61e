//! SNS, as far as queues subscribe: topics, filtered fan-out, raw delivery with attributes, and
//! dead-letter queues of subscriptions.
//!
//! Written here because `rustack-sns` refuses raw delivery together with message attributes and refuses
//! a subscription's `RedrivePolicy`, both of which a dependable fan-out needs.

mod delivery;
mod error;
mod form;
mod message;
mod operations;
mod topics;

pub(crate) use delivery::Sns;
pub(crate) use form::Form;
pub(crate) use message::event_types;
pub(crate) use operations::handle;
