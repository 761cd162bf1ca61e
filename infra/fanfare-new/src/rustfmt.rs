//! Code as `rustfmt` writes it: how long a line becomes depends on the names in it.

use std::io::Write;
use std::process::{Command, Stdio};

/// The code, formatted; as it is where the toolchain has no `rustfmt`.
pub(crate) fn formatted(code: String) -> String {
    run(&code).unwrap_or(code)
}

fn run(code: &str) -> Option<String> {
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--edition", "2024", "--emit", "stdout"]);
    // None of the configuration of whoever's folder this is: a new project has none.
    rustfmt.current_dir(std::env::temp_dir()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = rustfmt.stderr(Stdio::null()).spawn().ok()?;
    running.stdin.take()?.write_all(code.as_bytes()).ok()?;
    let output = running.wait_with_output().ok()?;
    let formatted = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !formatted.is_empty()).then_some(formatted)
}
