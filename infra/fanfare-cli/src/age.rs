//! How long ago, and how much longer, in words.

use std::time::{Duration, SystemTime};

const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];

/// How long ago a moment was, in milliseconds since 1970.
pub(crate) fn since(milliseconds: i64) -> String {
    words((now() - milliseconds).max(0))
}

/// How long it is until a moment.
pub(crate) fn until(milliseconds: i64) -> String {
    words((milliseconds - now()).max(0))
}

/// Whether a moment is no further away than so many milliseconds.
pub(crate) fn is_within(milliseconds: i64, span: i64) -> bool {
    milliseconds - now() <= span
}

fn now() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

/// The two greatest units that are not zero: `3d 4h`, `12s`.
fn words(milliseconds: i64) -> String {
    let mut left = milliseconds.unsigned_abs() / 1000;
    let mut parts = Vec::new();
    for (seconds, unit) in UNITS {
        let whole = left / seconds;
        left %= seconds;
        if whole > 0 || (unit == "s" && parts.is_empty()) {
            parts.push(format!("{whole}{unit}"));
        }
    }
    parts.truncate(2);
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_by_its_two_greatest_units() {
        for (seconds, told) in [(0, "0s"), (59, "59s"), (3_660, "1h 1m"), (273_600, "3d 4h")] {
            assert_eq!(words(seconds * 1000), told);
        }
    }
}
