//! The flow as a drawing: store, relay and topic to the left, a row for each consumer to the right.

use super::consumers::{Line, State};
use crate::text;

/// Pixels of a row, of a box in it, and around everything.
const ROW: u32 = 52;
const BOX: u32 = 40;
const MARGIN: u32 = 8;
/// Where the columns begin, and how wide their boxes are.
const STORE: (u32, u32) = (MARGIN, 150);
const RELAY: (u32, u32) = (196, 110);
const TOPIC: (u32, u32) = (344, 150);
const CONSUMER: (u32, u32) = (590, 200);
const DEAD: (u32, u32) = (840, 152);
/// Letters that a box of the first columns, and of a consumer's, has room for.
const SHORT: usize = 16;
const LONG: usize = 22;
/// How far down the first columns are at the most, so that they are on the screen with forty consumers as well.
const LOWEST: u32 = 240;

/// What is before the consumers, by its names in the template.
pub(crate) struct Ends {
    pub(crate) event_store: Option<String>,
    pub(crate) relay: Option<String>,
    pub(crate) topic: Option<String>,
}

/// A box.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) label: String,
    pub(crate) note: String,
    /// In full, for a screen reader and a pointer that rests.
    pub(crate) title: String,
    pub(crate) href: Option<String>,
    pub(crate) class: &'static str,
    pub(crate) is_dim: bool,
}

/// A line between boxes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) path: String,
    pub(crate) is_dim: bool,
    pub(crate) is_bad: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Graph {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) nodes: Vec<Node>,
    pub(crate) edges: Vec<Edge>,
}

impl Node {
    pub(crate) fn height(&self) -> u32 {
        BOX
    }
}

impl Graph {
    /// The drawing. What does not hear `event_type` is dim.
    pub(crate) fn of(ends: &Ends, consumers: &[Line], event_type: Option<&str>) -> Self {
        let rows = u32::try_from(consumers.len().max(1)).unwrap_or(1);
        let height = rows * ROW + 2 * MARGIN;
        let middle = ((height - BOX) / 2).min(LOWEST);
        let mut graph = Self { width: DEAD.0 + DEAD.1 + MARGIN, height, ..Self::default() };
        let columns = [
            (STORE, &ends.event_store, "event store"),
            (RELAY, &ends.relay, "relay"),
            (TOPIC, &ends.topic, "topic"),
        ];
        let mut before: Option<u32> = None;
        for ((x, width), name, what) in columns {
            let Some(name) = name else { continue };
            if let Some(end) = before {
                graph.edges.push(edge((end, middle), (x, middle), false, false));
            }
            graph.nodes.push(Node {
                x,
                y: middle,
                width,
                label: short(name, SHORT),
                note: what.to_owned(),
                title: format!("{what} {name}"),
                href: None,
                class: "plain",
                is_dim: false,
            });
            before = Some(x + width);
        }
        for (n, line) in consumers.iter().enumerate() {
            let y = MARGIN + u32::try_from(n).unwrap_or(0) * ROW + (ROW - BOX) / 2;
            let is_dim = event_type.is_some_and(|event_type| !line.may_hear(event_type));
            if let Some(end) = before.filter(|_| line.is_subscribed) {
                graph.edges.push(edge((end, middle), (CONSUMER.0, y), is_dim, false));
            }
            graph.nodes.push(consumer(line, y, is_dim));
            if line.state() == State::Dead {
                graph.edges.push(edge((CONSUMER.0 + CONSUMER.1, y), (DEAD.0, y), is_dim, true));
                graph.nodes.push(dead(line, y, is_dim));
            }
        }
        graph
    }
}

fn consumer(line: &Line, y: u32, is_dim: bool) -> Node {
    let waits = line.waiting + line.delayed;
    let note = match (waits, line.in_flight) {
        (0, 0) => "idle".to_owned(),
        (waits, in_flight) => format!("{waits} waiting, {in_flight} in flight"),
    };
    Node {
        x: CONSUMER.0,
        y,
        width: CONSUMER.1,
        label: short(&line.name, LONG),
        title: format!("consumer {}: {}, {note}", line.name, line.state().name()),
        note,
        href: Some(line.href()),
        class: line.state().class(),
        is_dim,
    }
}

fn dead(line: &Line, y: u32, is_dim: bool) -> Node {
    let dead = text::count(&line.dead, "dead letter");
    Node {
        x: DEAD.0,
        y,
        width: DEAD.1,
        title: format!("{dead} of {}", line.name),
        label: dead,
        note: "see why".to_owned(),
        href: Some(line.failures()),
        class: "bad",
        is_dim,
    }
}

/// From the right side of a box to the left side of another, at half of their height.
fn edge(from: (u32, u32), to: (u32, u32), is_dim: bool, is_bad: bool) -> Edge {
    let half = |(x, y): (u32, u32)| (x, y + BOX / 2);
    let ((x1, y1), (x2, y2)) = (half(from), half(to));
    let bend = x1.midpoint(x2);
    Edge { path: format!("M{x1} {y1} C{bend} {y1} {bend} {y2} {x2} {y2}"), is_dim, is_bad }
}

/// A name, cut where a box has no more room.
fn short(name: &str, most: usize) -> String {
    match name.chars().count() > most {
        true => name.chars().take(most - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize) -> Vec<Line> {
        let line = |n: usize| Line {
            name: format!("consumer-{n}"),
            function: None,
            queue: format!("Queue{n}"),
            types: Some(vec![if n == 0 { "Opened" } else { "Closed" }.to_owned()]),
            is_subscribed: true,
            waiting: 0,
            in_flight: 0,
            delayed: 0,
            dead: u64::from(n == 1),
        };
        (0..count).map(line).collect()
    }

    fn ends() -> Ends {
        let name = |name: &str| Some(name.to_owned());
        Ends { event_store: name("Readings"), relay: name("Relay"), topic: name("House") }
    }

    #[test]
    fn forty_consumers_have_a_row_each_and_nothing_overlaps() {
        let graph = Graph::of(&ends(), &lines(40), None);
        for (n, one) in graph.nodes.iter().enumerate() {
            assert!(one.x + one.width <= graph.width && one.y + BOX <= graph.height, "{one:?}");
            for other in &graph.nodes[n + 1..] {
                let apart_x = one.x + one.width <= other.x || other.x + other.width <= one.x;
                let apart_y = one.y + BOX <= other.y || other.y + BOX <= one.y;
                assert!(apart_x || apart_y, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn what_does_not_hear_the_chosen_event_is_dim() {
        let graph = Graph::of(&ends(), &lines(3), Some("Opened"));
        let dim: Vec<_> =
            graph.nodes.iter().filter(|n| n.is_dim).map(|n| n.label.as_str()).collect();
        assert_eq!(dim, ["consumer-1", "1 dead letter", "consumer-2"]);
    }

    #[test]
    fn a_stack_without_consumers_or_events_is_drawn_too() {
        let none = Ends { event_store: None, relay: None, topic: None };
        assert_eq!(Graph::of(&none, &[], None).nodes, []);
        assert_eq!(Graph::of(&ends(), &[], None).nodes.len(), 3);
    }
}
