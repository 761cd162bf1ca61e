//! The store's HTTP API: one function behind an HTTP API or a function URL, both of which send payload
//! format 2.0.
//!
//! [`Api::handle`] is the way in; [`route`] says which call goes where, `policy.rs` who may make it; each resource has a file.

mod app;
mod caller;
mod cancel;
mod customer_orders;
mod customers;
mod events;
mod health;
mod names;
mod order_view;
mod orders;
mod policy;
mod pricing;
mod products;
mod route;
mod sales;
mod stock;
mod summaries;
mod trace;

pub use app::Api;
pub use caller::{Caller, Claims};
pub use cancel::{Cancellation, cancellation};
pub use customers::Customer;
pub use fanfare_trace::Subscriptions;
pub use order_view::{view, view_at};
pub use orders::Placement;
pub use products::{Catalogue, Product};
pub use route::{Route, route};
pub use trace::OrderTrace;
