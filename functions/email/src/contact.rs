//! The contact directory.

use crate::handler::EMAIL;
use consumer::{Failure, Key, Only, Work, Write};
use event_schema::CustomerId;
use serde::{Deserialize, Serialize};

/// Where a customer's mails go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// The customer's name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// The version of the customer's stream that says so: an older event never overwrites a newer one.
    pub version: u64,
}

/// The key of a contact.
pub(crate) fn key(customer: &CustomerId) -> Key {
    Key::new("id", format!("contact#{customer}"))
}

impl Contact {
    /// The work of keeping this contact, unless a newer one is known.
    ///
    /// # Errors
    /// A permanent failure when name or address holds a control character, by which a mail's header could
    /// be forged.
    pub(crate) fn keep(&self, customer: &CustomerId) -> Result<Work<crate::Mail>, Failure> {
        if self.name.chars().chain(self.email.chars()).any(char::is_control) {
            return Err(Failure::permanent("name or email holds a control character"));
        }
        let write = Write::put(EMAIL, key(customer), self, Only::IfNewer("version"));
        Ok(Work::did("contact kept").write(write).otherwise(|_| Work::did("knew a newer contact")))
    }
}
