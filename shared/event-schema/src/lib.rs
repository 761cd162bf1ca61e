//! The events of the store: what travels between its functions, and nothing else.
//!
//! This crate knows no AWS, does no I/O and reads no clock. [`StoreEvent`] is the catalogue; what every event has
//! around it is [`fanfare_event::Envelope`].

mod catalogue;
mod checkout;
mod customers;
mod ids;
mod inventory;
mod orders;
mod payments;
mod shipping;

pub use catalogue::StoreEvent;
pub use checkout::{
    CancellationReason, OrderCancelled, OrderConfirmed, OrderTimedOut, RefundRequested,
    ShipmentStopRequested,
};
pub use customers::{CustomerRegistered, CustomerUpdated};
pub use ids::{CustomerId, OrderId, Sku};
pub use inventory::{
    InventoryDispatched, InventoryReleased, InventoryReservationFailed,
    InventoryReservationSkipped, InventoryReserved, ReservedItem,
};
pub use iso_currency::Currency;
pub use orders::{MAX_AMOUNT, OrderCancellationRequested, OrderItem, OrderPlaced};
pub use payments::{PaymentFailed, PaymentProcessed, PaymentRefunded};
pub use shipping::{OrderShipped, ShipmentCancelled, ShipmentPrepared};
