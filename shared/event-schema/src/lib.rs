//! The envelope and the events of the store: what travels between functions, and nothing else.
//!
//! This crate knows no AWS, does no I/O and reads no clock. Start with [`Envelope`], the wire format;
//! [`Event`] is the same with its payload decoded; [`StoreEvent`] is the catalogue of payloads.

mod catalogue;
mod checkout;
mod customers;
mod envelope;
mod error;
mod event;
mod ids;
mod inventory;
mod orders;
mod payments;
mod redacted;
mod shipping;

pub use catalogue::StoreEvent;
pub use checkout::{
    CancellationReason, OrderCancelled, OrderConfirmed, OrderTimedOut, RefundRequested,
    ShipmentStopRequested,
};
pub use customers::{CustomerRegistered, CustomerUpdated};
pub use envelope::Envelope;
pub use error::{JsonError, SchemaError};
pub use event::{Event, EventType, Payload};
pub use ids::{CustomerId, EventId, InvalidId, OrderId, Sku};
pub use inventory::{
    InventoryDispatched, InventoryReleased, InventoryReservationFailed,
    InventoryReservationSkipped, InventoryReserved, ReservedItem,
};
pub use iso_currency::Currency;
pub use jiff::Timestamp;
pub use orders::{MAX_AMOUNT, OrderCancellationRequested, OrderItem, OrderPlaced};
pub use payments::{PaymentFailed, PaymentProcessed, PaymentRefunded};
pub use redacted::Redacted;
pub use shipping::{OrderShipped, ShipmentCancelled, ShipmentPrepared};
