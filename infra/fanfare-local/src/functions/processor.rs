//! Which processor a program is for.

use std::env::consts::ARCH;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Whether this machine can run a program.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fit {
    /// As far as its first bytes tell.
    Runs,
    /// It is for another processor or system, which is said with this machine's.
    IsFor(String),
}

/// Processors by Lambda's names, with their numbers in an ELF header (`e_machine`).
const PROCESSORS: [(&str, u16); 2] = [("x86_64", 62), ("arm64", 183)];

/// Whether this machine can run the program. Of an ELF file the header tells; anything else is for the system to judge.
pub(super) fn fit(path: &Path) -> Fit {
    let mut header = [0; 20];
    if File::open(path).and_then(|mut file| file.read_exact(&mut header)).is_err() {
        return other("no system");
    }
    if !header.starts_with(b"\x7fELF") {
        let is_taken = !cfg!(target_os = "linux") || header.starts_with(b"#!");
        return if is_taken { Fit::Runs } else { other("another system") };
    }
    let machine = u16::from_le_bytes([header[18], header[19]]);
    match PROCESSORS.iter().find(|(_, number)| *number == machine) {
        Some((name, _)) if cfg!(target_os = "linux") && *name == here() => Fit::Runs,
        Some((name, _)) => other(name),
        None => other("another processor"),
    }
}

fn other(name: &str) -> Fit {
    Fit::IsFor(format!("{name}, and this machine is {}", here()))
}

/// This machine's processor by Lambda's name.
pub(super) fn here() -> &'static str {
    if ARCH == "aarch64" { "arm64" } else { ARCH }
}

/// The number of a processor.
#[cfg(test)]
pub(super) fn number(processor: &str) -> Option<u16> {
    let name = if processor == "aarch64" { "arm64" } else { processor };
    PROCESSORS.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}
