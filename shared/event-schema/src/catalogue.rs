//! Every event of the store.

use crate::{
    CustomerRegistered, CustomerUpdated, Envelope, EventType, InventoryReservationFailed,
    InventoryReserved, OrderPlaced, Payload, SchemaError, ShipmentPrepared,
};

/// Any event of the store, for a consumer that acts on several types.
#[derive(Debug, Clone, PartialEq)]
pub enum StoreEvent {
    /// See [`CustomerRegistered`].
    CustomerRegistered(CustomerRegistered),
    /// See [`CustomerUpdated`].
    CustomerUpdated(CustomerUpdated),
    /// See [`OrderPlaced`].
    OrderPlaced(OrderPlaced),
    /// See [`InventoryReserved`].
    InventoryReserved(InventoryReserved),
    /// See [`InventoryReservationFailed`].
    InventoryReservationFailed(InventoryReservationFailed),
    /// See [`ShipmentPrepared`].
    ShipmentPrepared(ShipmentPrepared),
}

impl StoreEvent {
    /// The `eventType` of every event in the catalogue.
    pub const TYPES: [&'static str; 6] = [
        CustomerRegistered::TYPE,
        CustomerUpdated::TYPE,
        OrderPlaced::TYPE,
        InventoryReserved::TYPE,
        InventoryReservationFailed::TYPE,
        ShipmentPrepared::TYPE,
    ];
}

impl Payload for StoreEvent {
    fn decode(envelope: &Envelope) -> Result<Self, SchemaError> {
        match envelope.event_type.as_str() {
            CustomerRegistered::TYPE => envelope.decode_as().map(Self::CustomerRegistered),
            CustomerUpdated::TYPE => envelope.decode_as().map(Self::CustomerUpdated),
            OrderPlaced::TYPE => envelope.decode_as().map(Self::OrderPlaced),
            InventoryReserved::TYPE => envelope.decode_as().map(Self::InventoryReserved),
            InventoryReservationFailed::TYPE => {
                envelope.decode_as().map(Self::InventoryReservationFailed)
            }
            ShipmentPrepared::TYPE => envelope.decode_as().map(Self::ShipmentPrepared),
            _ => Err(SchemaError::UnknownType { event_type: envelope.event_type.clone() }),
        }
    }
}
