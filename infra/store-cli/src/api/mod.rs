//! The store's HTTP API, as a client sees it: where it is, and how its calls are made.

mod arguments;
mod client;
mod sign;
mod url;

pub(crate) use arguments::ApiArguments;
pub use client::{Api, ApiError};
pub(crate) use client::{TOKEN, reason};
pub use url::api_url;
