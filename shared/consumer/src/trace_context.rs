//! The trace that an event belongs to (<https://www.w3.org/TR/trace-context/>).

use crate::Surroundings;

/// The `traceparent` of what follows from an event: the event's trace with a span of its own. `None` when the
/// event belongs to no trace, or says so in a way that can't be read.
pub(crate) fn child(parent: Option<&str>, surroundings: &Surroundings) -> Option<String> {
    let mut parts = parent?.split('-');
    let (version, trace, _, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if version.len() != 2 || trace.len() != 32 || flags.len() != 2 || !hex(trace) || !hex(flags) {
        return None;
    }
    let span = surroundings.random(|random| random.u64(1..));
    Some(format!("00-{trace}-{span:016x}-{flags}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;

    #[test]
    fn a_child_stays_in_the_trace_under_a_span_of_its_own() {
        let surroundings = Surroundings::simulated(SystemClock, 1);
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let child = child(Some(parent), &surroundings).expect("a child");
        assert!(child.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
        assert!(child.ends_with("-01") && child.len() == parent.len() && child != parent);
    }

    #[test]
    fn what_is_no_trace_context_is_not_passed_on() {
        let surroundings = Surroundings::simulated(SystemClock, 1);
        for parent in [None, Some(""), Some("00-xyz-1-01"), Some("\r\nSet-Cookie: a-b-c-d")] {
            assert_eq!(child(parent, &surroundings), None);
        }
    }
}
