//! Holds the public API of every crate that keeps semver to the text in `docs/api/CRATE.txt`, so that a change of the
//! one is a change of the other, which a reviewer sees. `make api` runs it; `make api WRITE=1` writes what is new.

mod comparison;
mod crates;
mod rustdoc;

use comparison::Comparison;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    match check(std::env::var_os("FANFARE_WRITE").is_some()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(changed) => {
            eprintln!(
                "{changed} public APIs changed. If that is meant: make api WRITE=1, and a line in CHANGELOG.md"
            );
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// How many APIs differ from what was agreed on.
fn check(write: bool) -> Result<usize, Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let crates = crates::with_semver(&root)?;
    let described = rustdoc::describe(&root, &crates)?;
    let mut changed = 0;
    for (name, api) in described {
        let golden = root.join("docs/api").join(format!("{name}.txt"));
        if write {
            std::fs::write(&golden, &api)?;
            continue;
        }
        let comparison =
            Comparison::between(&std::fs::read_to_string(&golden).unwrap_or_default(), &api);
        if !comparison.is_equal() {
            changed += 1;
            print!("{name}\n{comparison}");
        }
    }
    Ok(changed)
}
