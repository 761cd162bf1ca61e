//! The services outside AWS that consumers call.

mod bell;
mod gateway;
mod mailbox;
mod outage;

pub(crate) use bell::Bell;
pub(crate) use gateway::{DECLINED, Gateway, Terminal};
pub(crate) use mailbox::Mailbox;

use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::invocation::{Caller, Invocation};
use std::sync::Arc;

/// All of them.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) bell: Arc<Bell>,
}

impl Services {
    pub(crate) fn new(cloud: &Arc<Cloud>) -> Self {
        Self {
            mailbox: Mailbox::new(Arc::clone(cloud)),
            gateway: Gateway::new(Arc::clone(cloud)),
            bell: Bell::new(Arc::clone(cloud)),
        }
    }
}

/// The invocation that calls.
fn calling(caller: &Caller) -> Arc<Invocation> {
    caller.invocation().expect("services are called in an invocation")
}

/// Whether a fault strikes a call.
fn strikes(cloud: &Cloud, invocation: &Invocation, fault: Fault) -> bool {
    let strikes = cloud.faults.strike(fault);
    if strikes {
        cloud.history.note(format!("{} {fault:?}", invocation.name));
        invocation.trouble();
    }
    strikes
}
