//! A span's place in its trace (<https://www.w3.org/TR/trace-context/>).

use std::fmt;

/// What a `traceparent` says: the trace, the span in it, and flags. Its text is that `traceparent`.
///
/// ```
/// use fanfare_bootstrap::TraceContext;
///
/// let parent = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
/// let child = parent.map(|parent| parent.with_span(1).to_string());
/// assert_eq!(child.as_deref(), Some("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-01"));
/// assert_eq!(TraceContext::parse("not one"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace.
    pub trace_id: u128,
    /// The span.
    pub span_id: u64,
    /// The lowest bit says that the trace is recorded.
    pub flags: u8,
}

impl TraceContext {
    /// The first span of a trace that is recorded.
    pub fn root(trace_id: u128, span_id: u64) -> Self {
        Self { trace_id, span_id, flags: 1 }
    }

    /// Another span of the same trace.
    #[must_use]
    pub fn with_span(self, span_id: u64) -> Self {
        Self { span_id, ..self }
    }

    /// Reads a `traceparent`; `None` when it is malformed.
    pub fn parse(traceparent: &str) -> Option<Self> {
        let mut parts = traceparent.split('-');
        let version = hex(parts.next()?, 2)?;
        let trace_id = hex(parts.next()?, 32)?;
        let span_id = u64::try_from(hex(parts.next()?, 16)?).ok()?;
        let flags = u8::try_from(hex(parts.next()?, 2)?).ok()?;
        // Later versions may add parts; 255 is no version.
        let is_whole = version != 0 || parts.next().is_none();
        let is_valid = is_whole && version != 0xff && trace_id != 0 && span_id != 0;
        is_valid.then_some(Self { trace_id, span_id, flags })
    }

    /// Whether the trace is recorded.
    pub fn is_recorded(self) -> bool {
        self.flags & 1 == 1
    }
}

fn hex(text: &str, length: usize) -> Option<u128> {
    let is_hex = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    (text.len() == length && is_hex).then(|| u128::from_str_radix(text, 16).ok())?
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, self.flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_traceparent_is_read_and_written_as_it_was() {
        let context = TraceContext::parse(PARENT).expect("well-formed");
        assert_eq!(context.to_string(), PARENT);
        assert!(context.is_recorded());
        let other = context.with_span(1).to_string();
        assert_eq!(other, "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-01");
    }

    #[test]
    fn a_later_version_may_say_more() {
        let later = format!("cc{}-what-the-future-will-be-like", &PARENT[2..]);
        assert_eq!(TraceContext::parse(&later), TraceContext::parse(PARENT));
    }

    #[test]
    fn what_is_no_trace_context_is_not_read() {
        let more = format!("{PARENT}-01");
        let upper = PARENT.to_uppercase();
        let (no_trace, no_span) = (
            PARENT.replace(&PARENT[3..35], &"0".repeat(32)),
            PARENT.replace("00f067aa0ba902b7", "0000000000000000"),
        );
        for bad in [
            "",
            "00-xyz-1-01",
            "\r\nSet-Cookie: a-b-c-d",
            "ff-1-1-1",
            &more,
            &upper,
            &no_trace,
            &no_span,
        ] {
            assert_eq!(TraceContext::parse(bad), None, "{bad:?} was read");
        }
    }
}
