//! The events of the store: what travels between its functions, and nothing else.
//!
//! This crate knows no AWS, does no I/O and reads no clock. [`StoreEvent`] is the catalogue, and `catalogue.rs` declares
//! every event in it; what every event has around it is [`fanfare_event::Envelope`].

mod catalogue;
mod ids;
mod values;

pub use catalogue::events::*;
pub use ids::{CustomerId, OrderId, Sku};
pub use iso_currency::Currency;
pub use values::{CancellationReason, MAX_AMOUNT, OrderItem, ReservedItem};
