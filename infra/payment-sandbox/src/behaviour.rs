//! How an amount misbehaves.

use std::time::Duration;

/// What an amount's last two digits ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// Nothing out of the ordinary.
    Good,
    /// The charge is declined, by this decline code.
    Declined(&'static str),
    /// The charge takes until somebody looks.
    Processing,
    /// The charge is answered this late; only the first time, since a repeat finds it done.
    Late(Duration),
    /// The step is refused with this status so many times before it is done.
    Refused { at: Step, status: u16, times: u32 },
    /// It is done, and the answer to the first request is lost.
    Dropped(Step),
    /// It is done and answered 500, for good.
    Broken(Step),
    /// The refund fails.
    RefundFails,
    /// The refund is answered with this status, and has the other one once somebody has looked.
    RefundPends { first: &'static str, then: &'static str },
}

/// What is asked of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Create,
    Confirm,
    Refund,
}

impl Behaviour {
    /// The behaviour of an amount in minor units: see the crate's table.
    pub(crate) fn of(amount: u64) -> Self {
        match amount % 100 {
            2 => Self::Declined("generic_decline"),
            4 => Self::Declined("stolen_card"),
            5 => Self::Declined("insufficient_funds"),
            7 => Self::Processing,
            8 => Self::Late(Duration::from_secs(30)),
            9 => Self::Refused { at: Step::Confirm, status: 500, times: 2 },
            10 => Self::Dropped(Step::Confirm),
            11 => Self::Late(Duration::from_secs(2)),
            12 => Self::Broken(Step::Confirm),
            13 => Self::Refused { at: Step::Confirm, status: 429, times: 2 },
            14 => Self::Refused { at: Step::Confirm, status: 409, times: 1 },
            15 => Self::Dropped(Step::Create),
            16 => Self::Dropped(Step::Refund),
            17 => Self::Broken(Step::Refund),
            18 => Self::RefundFails,
            19 => Self::Refused { at: Step::Create, status: 500, times: 1 },
            20 => Self::Refused { at: Step::Refund, status: 500, times: 1 },
            21 => Self::RefundPends { first: "pending", then: "succeeded" },
            22 => Self::RefundPends { first: "pending", then: "failed" },
            23 => Self::RefundPends { first: "requires_action", then: "succeeded" },
            _ => Self::Good,
        }
    }

    /// Whether a step is to be refused that was refused so often before, and how.
    pub(crate) fn refusal(self, step: Step, refusals: &mut u32) -> Option<u16> {
        match self {
            Self::Refused { at, status, times } if at == step && *refusals < times => {
                *refusals += 1;
                Some(status)
            }
            _ => None,
        }
    }
}
