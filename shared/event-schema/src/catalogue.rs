//! Every event of the store, declared once each.

/// The events. `StoreEvent` is any of them.
#[fanfare_event::catalogue(StoreEvent)]
pub mod events {
    use crate::values::us_dollar;
    use crate::{CancellationReason, CustomerId, OrderId, OrderItem, ReservedItem, Sku};
    use iso_currency::Currency;

    /// A customer is known from now on.
    #[event(stream = "customer-{customer_id}", correlation = customer_id, tenant = customer_id)]
    pub struct CustomerRegistered {
        /// The customer.
        pub customer_id: CustomerId,
        /// Their name.
        pub name: String,
        /// Where their mails go.
        pub email: String,
    }

    /// A customer's name or address has changed; both are given as they are now.
    #[event(stream = "customer-{customer_id}", correlation = customer_id, tenant = customer_id)]
    pub struct CustomerUpdated {
        /// The customer.
        pub customer_id: CustomerId,
        /// Their name now.
        pub name: String,
        /// Where their mails go now.
        pub email: String,
    }

    /// A customer has placed an order.
    #[event(stream = "order-{order_id}", correlation = order_id, tenant = customer_id)]
    pub struct OrderPlaced {
        /// The order.
        pub order_id: OrderId,
        /// Who placed it.
        pub customer_id: CustomerId,
        /// What was ordered.
        pub items: Vec<OrderItem>,
        /// The sum to pay, in minor units of `currency`.
        pub total_amount: u64,
        /// The currency, by its ISO 4217 code; US dollars when absent.
        #[serde(default = "us_dollar")]
        pub currency: Currency,
    }

    /// The customer wants the order cancelled. Whether that is still possible is for the checkout to say.
    #[event(stream = "order-{order_id}", correlation = order_id)]
    pub struct OrderCancellationRequested {
        /// The order.
        pub order_id: OrderId,
    }

    /// Nothing has settled the order for too long.
    #[event(stream = "timeout-{order_id}", correlation = order_id)]
    pub struct OrderTimedOut {
        /// The order.
        pub order_id: OrderId,
    }

    /// The order is paid for, and has been on its way for too long. Nothing is undone: somebody is to look.
    #[event(stream = "stalled-{order_id}", correlation = order_id)]
    pub struct OrderStalled {
        /// The order.
        pub order_id: OrderId,
    }

    /// The order is paid for and will be shipped.
    #[event(stream = "checkout-{order_id}", correlation = order_id, tenant = customer_id)]
    pub struct OrderConfirmed {
        /// The order.
        pub order_id: OrderId,
        /// Who placed it.
        pub customer_id: CustomerId,
        /// What was ordered.
        pub items: Vec<OrderItem>,
        /// What was paid, in minor units of `currency`.
        pub total_amount: u64,
        /// The currency, by its ISO 4217 code.
        pub currency: Currency,
        /// The payment, by the gateway's name for it.
        pub payment_id: String,
    }

    /// The order will not be fulfilled. Whoever did something for it undoes that.
    #[event(stream = "checkout-{order_id}", correlation = order_id, tenant = customer_id)]
    pub struct OrderCancelled {
        /// The order.
        pub order_id: OrderId,
        /// Who placed it.
        pub customer_id: CustomerId,
        /// Why it was cancelled.
        pub reason: CancellationReason,
        /// What was ordered.
        pub items: Vec<OrderItem>,
        /// What was to be paid, in minor units of `currency`.
        pub total_amount: u64,
        /// The currency, by its ISO 4217 code.
        pub currency: Currency,
    }

    /// A cancelled order was charged: the money is to be given back.
    #[event(stream = "checkout-{order_id}", correlation = order_id)]
    pub struct RefundRequested {
        /// The order.
        pub order_id: OrderId,
        /// The payment, by the gateway's name for it.
        pub payment_id: String,
        /// How much, in minor units of `currency`.
        pub amount: u64,
        /// The currency, by its ISO 4217 code.
        pub currency: Currency,
    }

    /// A refund has been pending at the gateway for a while: it is time to look what became of it.
    #[event(stream = "refund-look-{order_id}", correlation = order_id)]
    pub struct RefundLookDue {
        /// The order.
        pub order_id: OrderId,
    }

    /// The customer cancels a confirmed order: its shipment is not to leave, if it has not yet.
    #[event(stream = "checkout-{order_id}", correlation = order_id)]
    pub struct ShipmentStopRequested {
        /// The order.
        pub order_id: OrderId,
    }

    /// What is on hand of a SKU was set by somebody who counted. What orders take is told by the events of orders.
    #[event(stream = "stock-{sku}", correlation = sku)]
    pub struct StockAdjusted {
        /// The SKU.
        pub sku: Sku,
        /// How many more are on hand than before; below 0, how many fewer.
        pub by: i64,
        /// How many are on hand by it, those that are set aside for orders included.
        pub on_hand: u64,
    }

    /// All that an order asks for is set aside for it.
    #[event(stream = "inventory-{order_id}", correlation = order_id)]
    pub struct InventoryReserved {
        /// The order.
        pub order_id: OrderId,
        /// What was set aside, each SKU once.
        pub items: Vec<ReservedItem>,
    }

    /// An order asks for more than there is; nothing was set aside for it.
    #[event(stream = "inventory-{order_id}", correlation = order_id)]
    pub struct InventoryReservationFailed {
        /// The order.
        pub order_id: OrderId,
        /// What there was not enough of.
        pub short: Vec<Sku>,
    }

    /// An order was cancelled before anything was set aside for it: nothing will be.
    #[event(stream = "inventory-{order_id}", correlation = order_id)]
    pub struct InventoryReservationSkipped {
        /// The order.
        pub order_id: OrderId,
    }

    /// What was set aside for an order has left with its shipment.
    #[event(stream = "inventory-{order_id}", correlation = order_id)]
    pub struct InventoryDispatched {
        /// The order.
        pub order_id: OrderId,
        /// What has left, each SKU once.
        pub items: Vec<ReservedItem>,
    }

    /// What was set aside for a cancelled order can be promised to others again.
    #[event(stream = "inventory-{order_id}", correlation = order_id)]
    pub struct InventoryReleased {
        /// The order.
        pub order_id: OrderId,
        /// What was released, each SKU once.
        pub items: Vec<ReservedItem>,
    }

    /// The customer was charged for an order, or owes nothing for it.
    #[event(stream = "payment-{order_id}", correlation = order_id)]
    pub struct PaymentProcessed {
        /// The order.
        pub order_id: OrderId,
        /// The payment, by the gateway's name for it; `free` when the order costs nothing.
        pub payment_id: String,
        /// How much was captured, in minor units of `currency`.
        pub amount: u64,
        /// The currency, by its ISO 4217 code.
        pub currency: Currency,
    }

    /// The gateway declined to charge the customer: nothing was captured.
    #[event(stream = "payment-{order_id}", correlation = order_id)]
    pub struct PaymentFailed {
        /// The order.
        pub order_id: OrderId,
        /// Why, by the gateway's code, such as `card_declined`.
        pub reason: String,
    }

    /// The gateway has taken a refund, and it is not settled: the money is not given back yet.
    #[event(stream = "payment-{order_id}", correlation = order_id)]
    pub struct RefundPending {
        /// The order.
        pub order_id: OrderId,
        /// The payment, by the gateway's name for it.
        pub payment_id: String,
        /// How much is to be given back, in minor units of `currency`.
        pub amount: u64,
        /// The currency, by its ISO 4217 code.
        pub currency: Currency,
    }

    /// What was captured for an order was given back.
    #[event(stream = "payment-{order_id}", correlation = order_id)]
    pub struct PaymentRefunded {
        /// The order.
        pub order_id: OrderId,
        /// The payment, by the gateway's name for it.
        pub payment_id: String,
        /// How much was given back, in minor units of `currency`.
        pub amount: u64,
        /// The currency, by its ISO 4217 code.
        pub currency: Currency,
    }

    /// A shipment is made ready for an order; it has not left.
    #[event(stream = "shipment-{order_id}", correlation = order_id)]
    pub struct ShipmentPrepared {
        /// The order.
        pub order_id: OrderId,
        /// How many pieces it holds.
        pub pieces: u64,
    }

    /// The shipment has left.
    #[event(stream = "shipment-{order_id}", correlation = order_id, tenant = customer_id)]
    pub struct OrderShipped {
        /// The order.
        pub order_id: OrderId,
        /// Who placed it.
        pub customer_id: CustomerId,
        /// How many pieces it has.
        pub pieces: u64,
    }

    /// The shipment will not leave.
    #[event(stream = "shipment-{order_id}", correlation = order_id)]
    pub struct ShipmentCancelled {
        /// The order.
        pub order_id: OrderId,
    }
}
