//! Templates that can't be run, one a file of `tests/refused`, each with its exact message beside it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use fanfare_local::{Options, check};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refused")
}

/// A folder with a program that runs here, and one for a processor that nobody has.
fn programs() -> tempfile::TempDir {
    let programs = tempfile::tempdir().expect("a folder");
    let handle = programs.path().join("handle");
    fs::write(&handle, "#!/bin/sh\n# A program.\n").expect("written");
    fs::set_permissions(&handle, fs::Permissions::from_mode(0o755)).expect("executable");
    let mut header = [0; 64];
    header[..4].copy_from_slice(b"\x7fELF");
    fs::write(programs.path().join("other-processor"), header).expect("written");
    programs
}

/// What is said of a template, with nothing of this machine in it.
fn said(template: &Path, programs: &Path) -> String {
    let mut options = Options::new(template);
    options.functions = Some(programs.to_owned());
    let plan = check(&options).expect("a file that can be read");
    let faults = plan.faults.map(|faults| faults.to_string()).unwrap_or_default();
    let faults = faults.replace(&format!("{}/", folder().display()), "");
    let machine = if cfg!(target_arch = "aarch64") { "arm64" } else { std::env::consts::ARCH };
    faults
        .replace(&programs.display().to_string(), "PROGRAMS")
        .replace(&format!("this machine is {machine}"), "this machine is MACHINE")
}

#[test]
fn each_is_refused_with_its_exact_message() {
    let programs = programs();
    let mut seen = 0;
    for entry in fs::read_dir(folder()).expect("the folder") {
        let template = entry.expect("an entry").path();
        if template.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        seen += 1;
        let (said, beside) = (said(&template, programs.path()), template.with_extension("txt"));
        if std::env::var_os("FANFARE_WRITE").is_some() {
            fs::write(&beside, format!("{said}\n")).expect("written");
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(said, expected.trim_end(), "{}", template.display());
        assert!(!said.is_empty(), "{} would start", template.display());
    }
    assert!(seen >= 20, "{seen} templates");
}
