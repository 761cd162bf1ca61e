//! The contact directory.

use crate::handler::EMAIL;
use event_schema::CustomerId;
use fanfare::{Failure, Key, Only, Work, Write};
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
    /// A permanent failure when name or address holds a control character, by which a mail's header could be
    /// forged, or when the address is not that of one mailbox.
    pub(crate) fn keep(&self, customer: &CustomerId) -> Result<Work<crate::Mail>, Failure> {
        if self.name.chars().chain(self.email.chars()).any(char::is_control) {
            return Err(Failure::permanent("name or email holds a control character"));
        }
        if !is_one_address(&self.email) {
            return Err(Failure::permanent("email is not the address of one mailbox"));
        }
        let write = Write::put(EMAIL, key(customer), self, Only::IfNewer("version"));
        Ok(Work::did("contact kept").write(write).otherwise(|_| Work::did("knew a newer contact")))
    }
}

/// Whether this can be one address, and not a list of them or a name with one. Whether it exists, SES will say.
fn is_one_address(text: &str) -> bool {
    let is_separator = |c: char| c.is_whitespace() || "<>,;:()[]\"\\".contains(c);
    match text.rsplit_once('@') {
        Some((mailbox, domain)) => {
            !mailbox.is_empty() && !domain.is_empty() && !text.contains(is_separator)
        }
        None => false,
    }
}
