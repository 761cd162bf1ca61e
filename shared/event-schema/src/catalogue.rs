//! Every event of the store.

use crate::{
    CustomerRegistered, CustomerUpdated, InventoryDispatched, InventoryReleased,
    InventoryReservationFailed, InventoryReservationSkipped, InventoryReserved,
    OrderCancellationRequested, OrderCancelled, OrderConfirmed, OrderPlaced, OrderShipped,
    OrderTimedOut, PaymentFailed, PaymentProcessed, PaymentRefunded, RefundRequested,
    ShipmentCancelled, ShipmentPrepared, ShipmentStopRequested,
};
use fanfare_event::{Envelope, EventType, Payload, SchemaError};

/// Any event of the store, for a consumer that acts on several types.
#[derive(Debug, Clone, PartialEq)]
pub enum StoreEvent {
    /// See [`CustomerRegistered`].
    CustomerRegistered(CustomerRegistered),
    /// See [`CustomerUpdated`].
    CustomerUpdated(CustomerUpdated),
    /// See [`OrderPlaced`].
    OrderPlaced(OrderPlaced),
    /// See [`OrderCancellationRequested`].
    OrderCancellationRequested(OrderCancellationRequested),
    /// See [`OrderTimedOut`].
    OrderTimedOut(OrderTimedOut),
    /// See [`OrderConfirmed`].
    OrderConfirmed(OrderConfirmed),
    /// See [`OrderCancelled`].
    OrderCancelled(OrderCancelled),
    /// See [`RefundRequested`].
    RefundRequested(RefundRequested),
    /// See [`ShipmentStopRequested`].
    ShipmentStopRequested(ShipmentStopRequested),
    /// See [`InventoryReserved`].
    InventoryReserved(InventoryReserved),
    /// See [`InventoryReservationFailed`].
    InventoryReservationFailed(InventoryReservationFailed),
    /// See [`InventoryReservationSkipped`].
    InventoryReservationSkipped(InventoryReservationSkipped),
    /// See [`InventoryDispatched`].
    InventoryDispatched(InventoryDispatched),
    /// See [`InventoryReleased`].
    InventoryReleased(InventoryReleased),
    /// See [`PaymentProcessed`].
    PaymentProcessed(PaymentProcessed),
    /// See [`PaymentFailed`].
    PaymentFailed(PaymentFailed),
    /// See [`PaymentRefunded`].
    PaymentRefunded(PaymentRefunded),
    /// See [`ShipmentPrepared`].
    ShipmentPrepared(ShipmentPrepared),
    /// See [`OrderShipped`].
    OrderShipped(OrderShipped),
    /// See [`ShipmentCancelled`].
    ShipmentCancelled(ShipmentCancelled),
}

impl StoreEvent {
    /// The `eventType` of every event in the catalogue.
    pub const TYPES: [&'static str; 20] = [
        CustomerRegistered::TYPE,
        CustomerUpdated::TYPE,
        OrderPlaced::TYPE,
        OrderCancellationRequested::TYPE,
        OrderTimedOut::TYPE,
        OrderConfirmed::TYPE,
        OrderCancelled::TYPE,
        RefundRequested::TYPE,
        ShipmentStopRequested::TYPE,
        InventoryReserved::TYPE,
        InventoryReservationFailed::TYPE,
        InventoryReservationSkipped::TYPE,
        InventoryDispatched::TYPE,
        InventoryReleased::TYPE,
        PaymentProcessed::TYPE,
        PaymentFailed::TYPE,
        PaymentRefunded::TYPE,
        ShipmentPrepared::TYPE,
        OrderShipped::TYPE,
        ShipmentCancelled::TYPE,
    ];

    /// What the event is about: the order's id, or the customer's.
    pub fn subject(&self) -> String {
        match self {
            Self::CustomerRegistered(event) => event.correlation_id(),
            Self::CustomerUpdated(event) => event.correlation_id(),
            Self::OrderPlaced(event) => event.correlation_id(),
            Self::OrderCancellationRequested(event) => event.correlation_id(),
            Self::OrderTimedOut(event) => event.correlation_id(),
            Self::OrderConfirmed(event) => event.correlation_id(),
            Self::OrderCancelled(event) => event.correlation_id(),
            Self::RefundRequested(event) => event.correlation_id(),
            Self::ShipmentStopRequested(event) => event.correlation_id(),
            Self::InventoryReserved(event) => event.correlation_id(),
            Self::InventoryReservationFailed(event) => event.correlation_id(),
            Self::InventoryReservationSkipped(event) => event.correlation_id(),
            Self::InventoryDispatched(event) => event.correlation_id(),
            Self::InventoryReleased(event) => event.correlation_id(),
            Self::PaymentProcessed(event) => event.correlation_id(),
            Self::PaymentFailed(event) => event.correlation_id(),
            Self::PaymentRefunded(event) => event.correlation_id(),
            Self::ShipmentPrepared(event) => event.correlation_id(),
            Self::OrderShipped(event) => event.correlation_id(),
            Self::ShipmentCancelled(event) => event.correlation_id(),
        }
    }

    /// The payload as JSON.
    ///
    /// # Errors
    /// None in practice: every payload has a JSON form.
    pub fn to_json(&self) -> Result<serde_json::Value, serde_json::Error> {
        match self {
            Self::CustomerRegistered(event) => serde_json::to_value(event),
            Self::CustomerUpdated(event) => serde_json::to_value(event),
            Self::OrderPlaced(event) => serde_json::to_value(event),
            Self::OrderCancellationRequested(event) => serde_json::to_value(event),
            Self::OrderTimedOut(event) => serde_json::to_value(event),
            Self::OrderConfirmed(event) => serde_json::to_value(event),
            Self::OrderCancelled(event) => serde_json::to_value(event),
            Self::RefundRequested(event) => serde_json::to_value(event),
            Self::ShipmentStopRequested(event) => serde_json::to_value(event),
            Self::InventoryReserved(event) => serde_json::to_value(event),
            Self::InventoryReservationFailed(event) => serde_json::to_value(event),
            Self::InventoryReservationSkipped(event) => serde_json::to_value(event),
            Self::InventoryDispatched(event) => serde_json::to_value(event),
            Self::InventoryReleased(event) => serde_json::to_value(event),
            Self::PaymentProcessed(event) => serde_json::to_value(event),
            Self::PaymentFailed(event) => serde_json::to_value(event),
            Self::PaymentRefunded(event) => serde_json::to_value(event),
            Self::ShipmentPrepared(event) => serde_json::to_value(event),
            Self::OrderShipped(event) => serde_json::to_value(event),
            Self::ShipmentCancelled(event) => serde_json::to_value(event),
        }
    }
}

impl Payload for StoreEvent {
    fn decode(envelope: &Envelope) -> Result<Self, SchemaError> {
        match envelope.event_type.as_str() {
            CustomerRegistered::TYPE => envelope.decode_as().map(Self::CustomerRegistered),
            CustomerUpdated::TYPE => envelope.decode_as().map(Self::CustomerUpdated),
            OrderPlaced::TYPE => envelope.decode_as().map(Self::OrderPlaced),
            OrderCancellationRequested::TYPE => {
                envelope.decode_as().map(Self::OrderCancellationRequested)
            }
            OrderTimedOut::TYPE => envelope.decode_as().map(Self::OrderTimedOut),
            OrderConfirmed::TYPE => envelope.decode_as().map(Self::OrderConfirmed),
            OrderCancelled::TYPE => envelope.decode_as().map(Self::OrderCancelled),
            RefundRequested::TYPE => envelope.decode_as().map(Self::RefundRequested),
            ShipmentStopRequested::TYPE => envelope.decode_as().map(Self::ShipmentStopRequested),
            InventoryReserved::TYPE => envelope.decode_as().map(Self::InventoryReserved),
            InventoryReservationFailed::TYPE => {
                envelope.decode_as().map(Self::InventoryReservationFailed)
            }
            InventoryReservationSkipped::TYPE => {
                envelope.decode_as().map(Self::InventoryReservationSkipped)
            }
            InventoryDispatched::TYPE => envelope.decode_as().map(Self::InventoryDispatched),
            InventoryReleased::TYPE => envelope.decode_as().map(Self::InventoryReleased),
            PaymentProcessed::TYPE => envelope.decode_as().map(Self::PaymentProcessed),
            PaymentFailed::TYPE => envelope.decode_as().map(Self::PaymentFailed),
            PaymentRefunded::TYPE => envelope.decode_as().map(Self::PaymentRefunded),
            ShipmentPrepared::TYPE => envelope.decode_as().map(Self::ShipmentPrepared),
            OrderShipped::TYPE => envelope.decode_as().map(Self::OrderShipped),
            ShipmentCancelled::TYPE => envelope.decode_as().map(Self::ShipmentCancelled),
            _ => Err(SchemaError::UnknownType { event_type: envelope.event_type.clone() }),
        }
    }
}
