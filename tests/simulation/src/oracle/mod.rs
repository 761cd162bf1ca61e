//! The oracle: what a run should have come to, counted from what was asked for and from the event store.

mod boards;
mod figures;
mod letters;
mod lives;
mod mails;
mod money;
mod outages;
mod relayed;
mod stock;
mod streams;
mod views;

pub(crate) use outages::{given_up_for_an_outage, waited_in_vain};

use crate::cloud::Cloud;
use crate::services::Services;
use crate::workload::Expected;
use std::collections::BTreeMap;

/// Checks the end of a run; what does not hold becomes a violation in its history. Gives how the orders ended.
pub(crate) fn check(
    cloud: &Cloud,
    expected: &Expected,
    services: &Services,
) -> BTreeMap<&'static str, u64> {
    let streams = streams::check(cloud, expected);
    let usurped = letters::check(cloud, expected, &streams, &services.bell);
    let lives = lives::check(cloud, expected, &streams);
    relayed::check(cloud);
    boards::check(cloud, expected, &streams);
    stock::check(cloud, expected, &streams);
    money::check(cloud, &lives, &services.gateway, &usurped);
    mails::check(cloud, expected, &lives, &services.mailbox);
    figures::check(cloud, expected, &streams, (&lives, &services.gateway, &usurped));
    views::check(cloud, &streams, &lives, &usurped);
    lives::ends(&lives)
}
