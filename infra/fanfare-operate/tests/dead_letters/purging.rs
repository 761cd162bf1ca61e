//! Deleting letters for good.

use crate::support::{Stack, event};
use fanfare_operate::{Action, Purge, Selection, Stop};

#[tokio::test(flavor = "multi_thread")]
async fn only_dead_letters_that_are_meant_are_purged_and_each_is_on_record() {
    let stack = Stack::start().await;
    stack.events(15).await;
    stack.letter("ClimateDeadLetters", &event("evt_x"), "the air conditioner refuses").await;
    let letters = stack.letters("climate").await;
    let selection = Selection { filter: Some("no such room".to_owned()), ..Selection::default() };
    let purge = Purge { selection, why: "a load test".to_owned(), unrecorded: false };

    let report = stack.connection.purge(&letters, &purge, &(), &Stop::default()).await.unwrap();

    assert_eq!((report.counts.deleted, report.counts.sent), (15, 0), "{report:?}");
    assert_eq!(stack.bodies("ClimateDeadLetters").await, [event("evt_x")]);
    assert_eq!(stack.depth("ClimateQueue").await, 0);
    let detail = stack.connection.audit_detail(&report.audit.unwrap()).await.unwrap();
    assert_eq!((detail.record.action, detail.messages.len()), (Action::Purge, 15));
    assert_eq!(detail.record.why.as_deref(), Some("a load test"));
}
