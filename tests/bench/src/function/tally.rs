//! What DynamoDB was asked for, and what that costs.

use dynoxide::types::ConsumedCapacity;
use std::collections::BTreeMap;

/// Requests and write units so far.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tally {
    pub(crate) requests: u64,
    /// Requests that could not be answered in time.
    pub(crate) late: u64,
    /// Write units by what they were for: a table, or [`INDEX`] or [`CANCELLED`].
    pub(crate) units: BTreeMap<String, f64>,
}

/// Write units of index entries.
pub(crate) const INDEX: &str = "index";
/// Write units of what was refused.
pub(crate) const CANCELLED: &str = "cancelled";

impl Tally {
    /// Adds the write units of a write.
    pub(crate) fn written(&mut self, consumed: impl IntoIterator<Item = ConsumedCapacity>) {
        for table in consumed {
            self.add(&table.table_name, table.table.map_or(0.0, |table| table.capacity_units));
            for index in table.global_secondary_indexes.unwrap_or_default().into_values() {
                self.add(INDEX, index.capacity_units);
            }
        }
    }

    /// Adds the write units of a write that was refused. DynamoDB bills it, and does not say how much: this is
    /// what the write of items up to 1 KB would have cost, the most that it can be.
    pub(crate) fn refused(&mut self, units: f64) {
        self.add(CANCELLED, units);
    }

    fn add(&mut self, what: &str, units: f64) {
        *self.units.entry(what.to_owned()).or_default() += units;
    }

    /// Write units in all.
    pub(crate) fn write_units(&self) -> f64 {
        self.units.values().fold(0.0, |sum, units| sum + units)
    }

    /// What was added since an earlier moment.
    pub(crate) fn since(&self, before: &Self) -> Self {
        let so_far = |what: &String| before.units.get(what).copied().unwrap_or_default();
        let units = self.units.iter().map(|(what, units)| (what.clone(), units - so_far(what)));
        Self {
            requests: self.requests - before.requests,
            late: self.late - before.late,
            units: units.collect(),
        }
    }
}
