//! The layouts of tables that one function keeps and another reads: the only thing that the two have
//! to agree on.

pub mod sales;
pub mod stock;
