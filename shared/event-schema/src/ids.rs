//! Identifiers of the store.

use fanfare_event::id;

id!(OrderId, "orderId", "ord", "Identifies an order.");
id!(CustomerId, "customerId", "cust", "Identifies a customer.");
id!(Sku, "sku", "sku", "Identifies something that is sold: a stock keeping unit.");
