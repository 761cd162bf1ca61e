//! The layouts of tables that one function keeps and another reads: the only thing that the two have
//! to agree on. For the views and the API it includes what an order's events come to ([`order_facts`]).

pub mod order_facts;
pub mod sagas;
pub mod sales;
pub mod stock;
pub mod views;
