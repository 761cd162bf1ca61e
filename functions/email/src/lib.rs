//! Email: tells customers what becomes of their orders.
//!
//! It keeps a contact directory of its own, fed by the customers' events, so that it depends on no other
//! service to know where a mail goes.

mod contact;
mod handler;
mod letter;
mod mail;
mod mailer;

pub use contact::Contact;
pub use handler::{EMAIL, PATIENCE, consumer};
pub use mail::Mail;
pub use mailer::Mailer;
