//! Deleting letters for good.

use crate::support::{Stack, event};
use fanfare_operate::{Action, Purge, Selection, Stop};

#[tokio::test(flavor = "multi_thread")]
async fn only_letters_that_are_meant_are_purged_and_each_is_on_record() {
    let stack = Stack::start().await;
    stack.events(15).await;
    stack.letter("EmailDeadLetters", &event("evt_x"), "the mailer refuses").await;
    let letters = stack.letters("email").await;
    let selection =
        Selection { filter: Some("no such customer".to_owned()), ..Selection::default() };
    let purge = Purge { selection, why: "a load test".to_owned() };

    let report = stack.connection.purge(&letters, &purge, &(), &Stop::default()).await.unwrap();

    assert_eq!((report.counts.deleted, report.counts.sent), (15, 0), "{report:?}");
    assert_eq!(stack.bodies("EmailDeadLetters").await, [event("evt_x")]);
    assert_eq!(stack.depth("EmailQueue").await, 0);
    let detail = stack.connection.audit_detail(&report.audit).await.unwrap();
    assert_eq!((detail.record.action, detail.messages.len()), (Action::Purge, 15));
    assert_eq!(detail.record.why.as_deref(), Some("a load test"));
}
