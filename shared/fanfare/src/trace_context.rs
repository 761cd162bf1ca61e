//! The trace that an event belongs to (<https://www.w3.org/TR/trace-context/>).

use crate::Host;
use fanfare_bootstrap::TraceContext;

/// A span of its own for what is done because of an event: in the event's trace, else in that of the batch. `None`
/// when the event belongs to no trace, or says so in a way that can't be read, and nobody traces the batch.
pub(crate) fn child(
    event: Option<&str>,
    batch: Option<TraceContext>,
    host: &Host,
) -> Option<TraceContext> {
    let parent = event.and_then(TraceContext::parse).or(batch)?;
    Some(parent.with_span(span_id(host)))
}

/// A span's id: anything but zero.
pub(crate) fn span_id(host: &Host) -> u64 {
    host.random(|random| random.u64(1..))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_child_stays_in_the_trace_under_a_span_of_its_own() {
        let host = Host::simulated(SystemClock, 1);
        let batch = TraceContext::root(1, 1);
        let child = child(Some(PARENT), Some(batch), &host).expect("a child").to_string();
        assert!(child.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
        assert!(child.ends_with("-01") && child.len() == PARENT.len() && child != PARENT);
    }

    #[test]
    fn an_event_without_a_trace_is_part_of_its_batch_s_if_that_has_one() {
        let host = Host::simulated(SystemClock, 1);
        for event in [None, Some(""), Some("00-xyz-1-01")] {
            assert_eq!(child(event, None, &host), None);
            let child = child(event, Some(TraceContext::root(7, 1)), &host);
            assert_eq!(child.map(|child| child.trace_id), Some(7));
        }
    }
}
