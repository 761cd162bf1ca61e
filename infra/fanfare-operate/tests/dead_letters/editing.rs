//! Letters that are mended before they go back.

use crate::support::{Stack, event};
use fanfare_operate::{Editor, Redrive, Report, Stop};
use std::sync::Mutex;

const BROKEN: &str = "{ \"eventType\": \"Tested\", no JSON";

/// Gives back what it was told to, one after the other.
struct Script(Mutex<Vec<String>>);

impl Script {
    fn of(answers: &[&str]) -> Self {
        Self(Mutex::new(answers.iter().map(|answer| (*answer).to_owned()).collect()))
    }
}

impl Editor for Script {
    fn edit(&self, text: &str, _: Option<&str>) -> std::io::Result<String> {
        let mut answers = self.0.lock().unwrap();
        Ok(if answers.is_empty() { text.to_owned() } else { answers.remove(0) })
    }
}

async fn edited(stack: &Stack, answers: &[&str]) -> Report {
    let letters = stack.letters("climate").await;
    let editor = Script::of(answers);
    let redrive = Redrive { editor: Some(&editor), ..Redrive::default() };
    stack.connection.redrive(&letters, &redrive, &(), &Stop::default()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mended_dead_letter_goes_back_and_its_original_is_kept() {
    let stack = Stack::start().await;
    stack.letter("ClimateDeadLetters", BROKEN, "the message is not an event").await;

    let report = edited(&stack, &[&event("evt_1")]).await;

    assert_eq!((report.counts.sent, report.counts.edited), (1, 1), "{report:?}");
    assert_eq!(stack.depth("ClimateDeadLetters").await, 0);
    let messages = stack.messages("ClimateQueue").await;
    assert_eq!(messages[0].body(), Some(event("evt_1").as_str()));
    let attributes = messages[0].message_attributes().unwrap();
    assert_eq!(attributes["fanfare.original"].string_value(), report.audit.as_deref());
    let detail = stack.connection.audit_detail(&report.audit.unwrap()).await.unwrap();
    assert!(detail.record.edit);
    assert_eq!(detail.originals[0].body, BROKEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_original_is_kept_whole() {
    let stack = Stack::start().await;
    let large = format!("{BROKEN} {}", "ä".repeat(120_000));
    stack.letter("ClimateDeadLetters", &large, "the message is not an event").await;

    let report = edited(&stack, &[&event("evt_1")]).await;

    let detail = stack.connection.audit_detail(&report.audit.unwrap()).await.unwrap();
    assert_eq!(detail.originals[0].body, large);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_event_is_not_sent_and_the_dead_letter_stays() {
    let stack = Stack::start().await;
    stack.letter("ClimateDeadLetters", BROKEN, "the message is not an event").await;

    let report = edited(&stack, &["{}", "{}"]).await;

    assert_eq!((report.counts.sent, report.counts.failed), (0, 1), "{report:?}");
    assert!(report.failures[0].reason.starts_with("not an event envelope"), "{report:?}");
    assert_eq!(stack.bodies("ClimateDeadLetters").await, [BROKEN]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_whose_file_is_emptied_stays_and_one_left_alone_goes_as_it_is() {
    let stack = Stack::start().await;
    stack.events(1).await;

    let report = edited(&stack, &[""]).await;
    assert_eq!((report.counts.sent, report.counts.skipped), (0, 1), "{report:?}");

    let report = edited(&stack, &[]).await;
    assert_eq!((report.counts.sent, report.counts.edited), (1, 0), "{report:?}");
    assert_eq!(stack.bodies("ClimateQueue").await, [event("evt_0")]);
}
