//! The floors of the benchmark: Lambda functions that do as little as can be done, in the way a careful
//! hand would write them, to see what is added by everything that `inventory` does.

mod nothing;
mod put_item;

pub use nothing::do_nothing;
pub use put_item::put_each;
