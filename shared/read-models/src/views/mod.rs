//! Order summaries, orders by customer and status counts: kept by `views`, read by `api`, built anew by
//! `fanfare store views rebuild`.
//!
//! They are built in generations, so that a new one can be made while the old one is read. [`Control`] says
//! which generation is read and which one, if any, is being made; every event goes into both. A thing's item has
//! two places, which generations take in turn ([`Generation::place`]), so that whoever knows the thing alone
//! can ask for it; the item says of which generation it is, and one of another counts as none.
//!
//! Why a generation misses nothing: an event is in the event store before anybody hears of it. Who handled it
//! without knowing of the new generation did so before that was begun, and so before the event store was scanned
//! for it. Why nothing is lost to a write that comes late: an item's revision only ever grows, since an item that
//! has become useless is emptied and not deleted.
//!
//! Why nothing is lost to a rebuild that comes late: each of its transactions checks in [`Control`] that nobody has
//! taken over, and what is of a newer generation than it knows, it leaves alone.

mod control;
mod fold;
mod items;
mod layout;

pub use control::{Control, Rebuild};
pub use fold::{Change, Unreadable, fold};
pub use items::{CustomerName, OrderSummary};
pub use layout::{
    BY_CUSTOMER, CONTROL, GENERATION, Generation, OWNER, PK, PLACED_AT, REVISION, SK, TABLE, Thing,
    control_key, counts_key, owner,
};
