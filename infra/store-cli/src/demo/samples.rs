//! The sample files in `events/demo`, which are part of the program.

use serde::{Deserialize, Serialize};

const CUSTOMERS: &str = include_str!("../../../../events/demo/customers.json");
const STOCK: &str = include_str!("../../../../events/demo/stock.json");
const ORDERS: &str = include_str!("../../../../events/demo/orders.json");

/// What the demo begins with, and what it places.
pub(super) struct Samples {
    pub(super) customers: Vec<Customer>,
    pub(super) stock: Vec<Stock>,
    pub(super) orders: Vec<Order>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Customer {
    pub(super) customer_id: String,
    pub(super) name: String,
    pub(super) email: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stock {
    pub(super) sku: String,
    pub(super) on_hand: u64,
    pub(super) name: String,
    /// In minor units.
    pub(super) price: u64,
    pub(super) currency: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    pub(super) customer_id: String,
    pub(super) currency: String,
    pub(super) items: Vec<Item>,
    /// Whether the customer thinks better of it, while the payment is under way.
    #[serde(default, skip_serializing)]
    pub(super) then_cancel: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    pub(super) sku: String,
    pub(super) quantity: u32,
    pub(super) unit_price: u64,
}

impl Samples {
    /// Reads the samples.
    ///
    /// # Errors
    /// When a file was changed to something else than samples before the program was built.
    pub(super) fn read() -> Result<Self, serde_json::Error> {
        Ok(Self {
            customers: serde_json::from_str(CUSTOMERS)?,
            stock: serde_json::from_str(STOCK)?,
            orders: serde_json::from_str(ORDERS)?,
        })
    }
}
