//! How long a saga may wait before somebody is told.

use fanfare_bootstrap::{Environment, SettingError};
use fanfare_event::Timestamp;
use read_models::sagas::Wait;
use std::time::Duration;

/// How long an order may be open when `SAGA_TIMEOUT_SECONDS` does not say: 15 minutes.
const SETTLEMENT_SECONDS: u64 = 900;
/// How long a confirmed order may wait for its shipment when `STALL_SECONDS` does not say: an hour.
const SHIPMENT_SECONDS: u64 = 3_600;
/// How long a pending refund is left alone when `REFUND_LOOK_SECONDS` does not say: an hour.
const REFUND_SECONDS: u64 = 3_600;

/// How long is waited for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    settlement: Duration,
    shipment: Duration,
    refund: Duration,
}

impl Patience {
    pub(crate) fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        let seconds = |name, default| environment.parsed(name, default).map(Duration::from_secs);
        Ok(Self {
            settlement: seconds("SAGA_TIMEOUT_SECONDS", SETTLEMENT_SECONDS)?,
            shipment: seconds("STALL_SECONDS", SHIPMENT_SECONDS)?,
            refund: seconds("REFUND_LOOK_SECONDS", REFUND_SECONDS)?,
        })
    }

    /// Who waits for this since before then has waited for too long.
    pub(crate) fn ends(&self, wait: Wait, now: Timestamp) -> Timestamp {
        let patience = match wait {
            Wait::Settlement => self.settlement,
            Wait::Shipment => self.shipment,
            Wait::Refund => self.refund,
        };
        now.checked_sub(patience).unwrap_or(Timestamp::MIN)
    }
}
