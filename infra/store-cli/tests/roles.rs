//! The roles of the store's own template.
#![allow(clippy::unwrap_used, reason = "a test that is set up wrongly should end there")]

use fanfare_template::roles::{ForcedReplay, Roles, StackDescription};
use std::collections::BTreeMap;
use std::path::Path;

fn roles() -> Roles {
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml");
    StackDescription::read(&template, "fanfare", &BTreeMap::new()).unwrap().roles
}

#[test]
fn every_role_of_the_store_is_found() {
    let roles = roles();

    assert_eq!(roles.event_store.as_deref(), Some("EventsTable"));
    assert_eq!(roles.ledger.as_deref(), Some("LedgerTable"));
    assert_eq!(roles.topic.as_deref(), Some("EventsTopic"));
    assert_eq!(roles.relay.as_deref(), Some("RelayFunction"));
    assert_eq!(roles.audit.as_deref(), Some("AuditTable"));
    let names: Vec<_> = roles.consumers.iter().map(|consumer| consumer.name.as_str()).collect();
    let expected = ["analytics", "checkout", "email", "inventory", "payment", "shipping", "views"];
    assert_eq!(names, expected);
    let relay = roles.failure_queues.iter().find(|queue| queue.queue == "RelayDeadLetters");
    assert_eq!(relay.unwrap().owner, "relay");
}

#[test]
fn no_consumer_that_would_do_harm_takes_a_forced_replay() {
    let roles = roles();
    for consumer in ["email", "payment", "inventory", "shipping", "checkout"] {
        let said = &roles.consumer(consumer).unwrap().forced_replay;
        assert!(matches!(said, ForcedReplay::Refused(_)), "{consumer}: {said:?}");
    }
    let figures = &roles.consumer("analytics").unwrap().forced_replay;
    let ForcedReplay::IfEmpty { table, because } = figures else { panic!("{figures:?}") };
    assert_eq!(table, "SalesTable");
    assert!(because.contains("count twice") && because.contains("delete every item"), "{because}");
    let views = &roles.consumer("views").unwrap().forced_replay;
    assert!(matches!(views, ForcedReplay::Harmless(Some(_))), "{views:?}");
}
