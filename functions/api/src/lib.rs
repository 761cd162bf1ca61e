//! The store's HTTP API: one function behind an HTTP API or a function URL, both of which send payload
//! format 2.0.
//!
//! [`Api::handle`] is the way in; [`route`] says which call goes where; each resource has a file.

mod app;
mod cancel;
mod customer_orders;
mod customers;
mod events;
mod health;
mod order_view;
mod orders;
mod route;
mod sales;
mod stock;
mod summaries;
mod trace;

pub use app::Api;
pub use cancel::{Cancellation, cancellation};
pub use customers::Customer;
pub use fanfare_trace::Subscriptions;
pub use order_view::{view, view_at};
pub use orders::Placement;
pub use route::{Route, route};
pub use sales::report;
pub use trace::OrderTrace;
