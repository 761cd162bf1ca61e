//! The sweep: announces which orders wait for too long, and for what.
//!
//! It decides nothing. The checkout hears `OrderTimedOut` like any other event, and knows whether the order is still open
//! by then; payment hears `RefundLookDue`, and asks the gateway; `OrderStalled` is for people.

mod due;
mod patience;
mod sweep;
mod swept;
mod tell;

pub use sweep::Sweep;
pub use swept::Swept;
