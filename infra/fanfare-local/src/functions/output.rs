//! What a function writes: echoed if asked for, and its last lines kept for when it crashes.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Lines that are kept of each function.
const KEPT: usize = 50;

/// Lines that are shown when it crashes.
const SHOWN: usize = 5;

/// The output of one function's processes. Cloning is cheap and shares it.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    name: Arc<str>,
    echo: Option<fn(&str, &str)>,
    lines: Arc<Mutex<VecDeque<String>>>,
    bytes: Arc<AtomicU64>,
}

impl Output {
    pub(crate) fn new(name: &str, echo: Option<fn(&str, &str)>) -> Self {
        Self { name: name.into(), echo, lines: Arc::default(), bytes: Arc::default() }
    }

    /// Reads until the process closes its end.
    pub(crate) async fn follow(self, source: impl AsyncRead + Unpin) {
        let mut source = BufReader::new(source);
        let mut line = Vec::new();
        // A read error is as final as the end.
        while source.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
            self.bytes.fetch_add(line.len() as u64, Relaxed);
            self.add(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
    }

    fn add(&self, line: &str) {
        if let Some(echo) = self.echo {
            echo(&self.name, line);
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT {
            lines.pop_front();
        }
        lines.push_back(line.to_owned());
    }

    /// Bytes so far.
    pub(crate) fn logged(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// The last lines, as one.
    pub(crate) fn last_words(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = lines.iter().skip(lines.len().saturating_sub(SHOWN));
        shown.map(String::as_str).collect::<Vec<_>>().join(" / ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_lines_are_kept_even_if_they_are_not_text() {
        let output = Output::new("climate", None);
        let written: Vec<u8> =
            (0..100).flat_map(|n| format!("line {n}\n").into_bytes()).chain(*b"\xff\n").collect();
        output.clone().follow(written.as_slice()).await;
        assert_eq!(output.last_words(), "line 96 / line 97 / line 98 / line 99 / \u{fffd}");
        assert_eq!(output.logged(), written.len() as u64);
    }
}
