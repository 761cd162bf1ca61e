//! A trace as a drawing: a lane for the events, and one for each consumer, over time.

use crate::text;
use fanfare_operate::{Standing, Trace};
use std::collections::BTreeMap;

/// Pixels: the whole, what the lanes' names have to the left, a lane, and the least width of a bar.
const WIDTH: u32 = 1_000;
const NAMES: u32 = 150;
const LANE: u32 = 28;
const LEAST: u32 = 4;
/// Where the last moment is.
const END: u32 = WIDTH - 20;

/// The time that something took, in a lane.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) class: &'static str,
    pub(crate) title: String,
    pub(crate) href: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lane {
    pub(crate) name: String,
    pub(crate) y: u32,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Timeline {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) bars: Vec<Bar>,
    /// What the whole takes, in milliseconds and in words.
    pub(crate) span_ms: i64,
    pub(crate) span: String,
    /// Where the moment is that the page tells of.
    pub(crate) cursor: Option<u32>,
}

impl Lane {
    pub(crate) fn middle(&self) -> u32 {
        self.y + LANE / 2
    }
}

impl Timeline {
    /// The drawing of a whole trace, with a line at `at` milliseconds.
    pub(crate) fn of(trace: &Trace, at: Option<i64>) -> Self {
        let moments = trace.events.iter().flat_map(|event| {
            let of = event.consumers.iter().filter_map(|one| one.finished_at);
            of.chain([event.timestamp]).map(|at| at.as_millisecond())
        });
        let moments: Vec<i64> = moments.collect();
        let (Some(first), Some(last)) = (moments.iter().min(), moments.iter().max()) else {
            return Self::default();
        };
        let scale = Scale { first: *first, span: (last - first).max(1) };
        let consumers = trace.events.iter().flat_map(|event| &event.consumers);
        let rows: BTreeMap<&str, u32> = consumers.map(|one| (one.consumer.as_str(), 0)).collect();
        let rows: BTreeMap<&str, u32> = rows.into_keys().zip(1..).collect();
        let mut timeline = Self {
            width: WIDTH,
            height: LANE * (u32::try_from(rows.len()).unwrap_or(0) + 1),
            span_ms: last - first,
            span: text::span(&(last - first)),
            cursor: at.map(|at| scale.place(first.saturating_add(at))),
            ..Self::default()
        };
        timeline.lanes.push(Lane { name: "events".to_owned(), y: 0 });
        timeline.lanes.extend(
            rows.iter().map(|(name, row)| Lane { name: (*name).to_owned(), y: row * LANE }),
        );
        for event in &trace.events {
            let href = format!("#{}", event.event_id);
            let at = event.timestamp.as_millisecond();
            timeline.bars.push(Bar {
                x: scale.place(at),
                y: 0,
                width: LEAST,
                class: "plain",
                title: format!("{} +{} ms", event.event_type, at - first),
                href: href.clone(),
            });
            for one in &event.consumers {
                let (begun, ended) = (one.first_seen_at, one.finished_at);
                let (Some(begun), Some(ended), Some(row)) =
                    (begun, ended, rows.get(one.consumer.as_str()))
                else {
                    continue;
                };
                let x = scale.place(begun.as_millisecond());
                let end = scale.place(ended.as_millisecond());
                timeline.bars.push(Bar {
                    x,
                    y: row * LANE,
                    width: end.saturating_sub(x).max(LEAST),
                    class: standing(&one.outcome).1,
                    title: format!(
                        "{}: {} {}",
                        one.consumer,
                        event.event_type,
                        standing(&one.outcome).0
                    ),
                    href: href.clone(),
                });
            }
        }
        timeline
    }

    /// Where the lanes begin.
    pub(crate) fn begin(&self) -> u32 {
        NAMES
    }

    pub(crate) fn bar_height(&self) -> u32 {
        LANE - 10
    }
}

struct Scale {
    first: i64,
    span: i64,
}

impl Scale {
    fn place(&self, at: i64) -> u32 {
        let room = i128::from(END - NAMES);
        let after = i128::from(at.saturating_sub(self.first).clamp(0, self.span));
        NAMES + u32::try_from(room * after / i128::from(self.span)).unwrap_or(0)
    }
}

/// How an event stands with a consumer: in a word, and how that looks.
pub(crate) fn standing(standing: &Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Done => ("done", "good"),
        Standing::Pending => ("pending", "busy"),
        Standing::Claimed => ("under way", "busy"),
        Standing::Failed => ("failed, will be tried again", "bad"),
        Standing::DeadLettered => ("dead", "bad"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn trace(events: serde_json::Value) -> Trace {
        serde_json::from_value(json!({"correlationId": "room-7", "events": events}))
            .expect("a trace")
    }

    #[test]
    fn bars_stay_in_their_lanes_and_on_the_drawing() {
        let consumer = |name: &str, finished: &str| {
            json!({"consumer": name, "outcome": "done", "attempts": 1,
                   "firstSeenAt": "2024-01-15T10:30:00.010Z", "finishedAt": finished})
        };
        let timeline = Timeline::of(
            &trace(json!([
                {"eventId": "evt_1", "eventType": "Opened", "timestamp": "2024-01-15T10:30:00Z", "consumers": [
                    consumer("climate", "2024-01-15T10:30:00.020Z"), consumer("bells", "2026-01-15T10:30:00Z"),
                    {"consumer": "audit", "outcome": "pending", "attempts": 0}]},
            ])),
            Some(i64::MAX),
        );
        assert_eq!(timeline.cursor, Some(END), "a moment after all is at the end");
        let names: Vec<_> = timeline.lanes.iter().map(|lane| lane.name.as_str()).collect();
        assert_eq!(names, ["events", "audit", "bells", "climate"]);
        assert_eq!(timeline.bars.len(), 3, "what is pending has no time");
        for bar in &timeline.bars {
            assert!(
                bar.x >= NAMES && bar.x + bar.width <= WIDTH && bar.y < timeline.height,
                "{bar:?}"
            );
        }
    }

    #[test]
    fn an_event_alone_and_none_at_all_are_drawn() {
        let alone = trace(json!([
            {"eventId": "evt_1", "eventType": "Opened", "timestamp": "2024-01-15T10:30:00Z", "consumers": []}
        ]));
        assert_eq!(Timeline::of(&alone, None).bars.len(), 1);
        assert_eq!(Timeline::of(&trace(json!([])), None), Timeline::default());
    }
}
