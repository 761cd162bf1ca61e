//! What a sweep came to.

use crate::tell::Told;
use fanfare_bootstrap::Metric;
use read_models::sagas::Wait;
use serde::Serialize;

/// How many orders were announced, and as what; and how many were not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Swept {
    /// Orders that timed out.
    pub timed_out: u64,
    /// Confirmed orders that do not get on.
    pub stalled: u64,
    /// Refunds that are to be looked at.
    pub refund_looks: u64,
    /// What is left for the next sweep: orders that could not be announced, and partitions that could not be read to their
    /// end, which hold one order each at least.
    pub left: u64,
}

impl Swept {
    pub(crate) fn count(&mut self, told: Told) {
        match told {
            Told::Now(Wait::Settlement) => self.timed_out += 1,
            Told::Now(Wait::Shipment) => self.stalled += 1,
            Told::Now(Wait::Refund) => self.refund_looks += 1,
            Told::Before | Told::MovedOn => {}
        }
    }

    /// The figures as metrics.
    pub fn metrics(&self) -> [Metric; 4] {
        [
            Metric::count("OrdersTimedOut", self.timed_out),
            Metric::count("OrdersStalled", self.stalled),
            Metric::count("RefundLooks", self.refund_looks),
            Metric::count("SweepLeft", self.left),
        ]
    }
}
