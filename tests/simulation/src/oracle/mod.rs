//! The oracle: what a run should have come to, counted from what was asked for.

mod charges;
mod figures;
mod letters;
mod mails;
mod orders;
mod streams;

use crate::cloud::Cloud;
use crate::services::Services;
use crate::workload::Expected;

/// Checks the end of a run; what does not hold becomes a violation in its history.
pub(crate) fn check(cloud: &Cloud, expected: &Expected, services: &Services) {
    let events = streams::check(cloud, expected);
    orders::check(cloud, expected, &events);
    mails::check(cloud, expected, &services.mailbox);
    let usurped = letters::check(cloud, expected, &services.bell);
    figures::check(cloud, expected, &usurped);
    charges::check(cloud, expected, &services.gateway, &usurped);
}
