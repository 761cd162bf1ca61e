//! Events of a customer.

use crate::CustomerId;
use fanfare_event::EventType;
use serde::{Deserialize, Serialize};

/// A customer is known from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerRegistered {
    /// The customer.
    pub customer_id: CustomerId,
    /// Their name.
    pub name: String,
    /// Where their mails go.
    pub email: String,
}

/// A customer's name or address has changed; both are given as they are now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerUpdated {
    /// The customer.
    pub customer_id: CustomerId,
    /// Their name now.
    pub name: String,
    /// Where their mails go now.
    pub email: String,
}

impl EventType for CustomerRegistered {
    const TYPE: &'static str = "CustomerRegistered";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("customer-{}", self.customer_id)
    }
    fn correlation_id(&self) -> String {
        self.customer_id.to_string()
    }
}

impl EventType for CustomerUpdated {
    const TYPE: &'static str = "CustomerUpdated";
    const VERSION: u32 = 1;
    fn stream(&self) -> String {
        format!("customer-{}", self.customer_id)
    }
    fn correlation_id(&self) -> String {
        self.customer_id.to_string()
    }
}
