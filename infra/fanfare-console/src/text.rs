//! Values as a page writes them.

use fanfare_event::Timestamp;

pub(crate) use crate::form::encoded;

/// A moment as people read it.
pub(crate) fn when(at: &Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S.%3f UTC").to_string()
}

/// So many, with the right ending of what they are.
pub(crate) fn count(n: &u64, one: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    }
}

/// A time in the unit that fits.
pub(crate) fn span(ms: &i64) -> String {
    match ms {
        ms if *ms < 10_000 => format!("{ms} ms"),
        ms if *ms < 600_000 => format!("{} s", ms / 1_000),
        ms if *ms < 36_000_000 => format!("{} min", ms / 60_000),
        ms => format!("{} h", ms / 3_600_000),
    }
}
