//! Pages as they are: what a template writes for data that does not change, beside a file that a reviewer sees change.
//! `FANFARE_WRITE=1 cargo test --workspace --lib golden` writes the files.

use crate::views::consumers::Line;
use crate::views::failures::{Failing, Failures};
use crate::views::flow::Flow;
use crate::views::graph::{Ends, Graph};
use crate::views::letter::Letter;
use crate::views::trace::TracePage;
use askama::Template;
use fanfare_event::Envelope;
use fanfare_operate::{Beginning, DeadLetterView, Group, Summary};
use serde_json::json;
use std::path::Path;

fn check(name: &str, page: &impl Template) {
    let page = page.render().expect("a page") + "\n";
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/golden").join(format!("{name}.html"));
    if std::env::var_os("FANFARE_WRITE").is_some_and(|value| value == "1") {
        std::fs::write(&file, &page).expect("written");
    }
    let golden = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(page == golden, "{} differs; FANFARE_WRITE=1 writes it anew:\n{page}", file.display());
}

fn line(name: &str, types: Option<&[&str]>, waiting: u64, dead: u64) -> Line {
    Line {
        name: name.to_owned(),
        function: Some(format!("{name}Function")),
        queue: format!("{name}Queue"),
        types: types.map(|types| types.iter().map(|one| (*one).to_owned()).collect()),
        is_subscribed: true,
        waiting,
        in_flight: 0,
        delayed: 0,
        dead,
    }
}

#[test]
fn the_flow() {
    let name = |name: &str| Some(name.to_owned());
    let ends = Ends { event_store: name("Readings"), relay: name("Relay"), topic: name("House") };
    let consumers = vec![
        line("bells", None, 0, 0),
        line("climate", Some(&["TemperatureMeasured"]), 3, 0),
        line("notice & <tell>", Some(&["WindowOpened"]), 0, 2),
    ];
    let flow = Flow {
        stack: "home".to_owned(),
        graph: Graph::of(&ends, &consumers, Some("TemperatureMeasured")),
        event_store: ends.event_store,
        relay: ends.relay,
        topic: ends.topic,
        other_dead: Vec::new(),
        consumers,
        types: vec!["TemperatureMeasured".to_owned(), "WindowOpened".to_owned()],
        event_type: name("TemperatureMeasured"),
    };
    check("flow", &flow);
}

#[test]
fn a_trace() {
    let event = json!({
        "eventType": "TemperatureMeasured", "eventId": "evt_1", "timestamp": "2026-01-15T10:30:00Z", "stream": "room-7",
        "version": 1, "correlationId": "room-7", "source": "sensor", "payload": {"room": "room-7", "by": "Ada"},
    });
    let consumer = |name: &str, outcome: &str, error: Option<&str>| {
        json!({"consumer": name, "outcome": outcome, "attempts": 3, "did": null, "error": error, "afterMs": 31,
               "durationMs": 1.25, "firstSeenAt": "2026-01-15T10:30:00.010Z", "finishedAt": "2026-01-15T10:30:00.031Z"})
    };
    let traced = json!({"correlationId": "room-7", "events": [{
        "eventId": "evt_1", "eventType": "TemperatureMeasured", "timestamp": "2026-01-15T10:30:00Z", "source": "sensor",
        "consumers": [
            consumer("bells", "failed", Some("no bell: ding")), consumer("climate", "dead-lettered", Some("no such room")),
            consumer("notice", "done", None), {"consumer": "lights", "outcome": "pending", "attempts": 0}],
    }]});
    let beginning = Beginning {
        trace: serde_json::from_value(traced).expect("a trace"),
        events: vec![Envelope::from_json(&event.to_string()).expect("an event")],
        is_cut: true,
    };
    check("trace", &TracePage::of(beginning, false, None));
}

#[test]
fn failures() {
    let at = Some("2026-01-15T10:30:00Z".parse().expect("a time"));
    let group = Group {
        group: "1089d9".to_owned(),
        cause: "no such room *".to_owned(),
        count: 2,
        oldest: at,
        newest: at,
        event_types: ["TemperatureMeasured".to_owned()].into(),
    };
    let summary = Summary {
        consumer: "climate".to_owned(),
        queue: "home-ClimateDeadLetters".to_owned(),
        count: 2,
        in_flight_elsewhere: 1,
        oldest: at,
        oldest_expires: at,
        redrivable: true,
        groups: vec![group],
        interrupted: true,
    };
    let failing = Failing {
        consumer: "climate".to_owned(),
        dead: 3,
        summary: Some(summary),
        job: None,
        is_cut: true,
    };
    check("failures", &Failures { consumers: vec![failing], empty: 2, most: 2_000 });
    check("no-failures", &Failures { consumers: Vec::new(), empty: 1, most: 2_000 });
}

#[test]
fn a_dead_letter() {
    let letter: DeadLetterView = serde_json::from_value(json!({
        "messageId": "m-1", "sentAt": "2026-01-15T10:30:00Z", "eventId": "evt_1", "eventType": "TemperatureMeasured",
        "correlationId": "room-7", "group": "1089d9", "cause": "no such room *", "error": "no such room room-7: \u{202e}gone",
        "attempts": 2, "history": [{"attempt": 1, "at": "2026-01-15T10:29:00Z", "error": "no such room room-7"}],
        "attributes": {"eventType": "TemperatureMeasured"},
        "body": "{\"eventType\":\"TemperatureMeasured\",\"payload\":{\"by\":\"Ada\"}}",
    }))
    .expect("a dead letter");
    let shown = Letter {
        may_write: true,
        is_redrivable: true,
        ..Letter::new("climate".to_owned(), letter, true)
    };
    check("letter", &shown);
}
