//! Finding a function's program: what `cargo build` or `cargo lambda build` left behind.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::error::StartError;
use crate::template::stack::Function;

/// Where programs may be.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// The operator's choice, which excludes every other place.
    pub(crate) chosen: Option<PathBuf>,
    /// Folders that `cargo build` leaves programs in.
    pub(crate) built: Vec<PathBuf>,
}

impl Places {
    /// Beside the running program, or in the operator's choice.
    pub(crate) fn new(chosen: Option<PathBuf>) -> Self {
        let program = std::env::current_exe().ok();
        let folder = program.as_deref().and_then(Path::parent);
        // A test runs from `target/debug/deps`, and the programs are one folder up.
        let above = folder.filter(|folder| folder.ends_with("deps")).and_then(Path::parent);
        Self { chosen, built: above.or(folder).map(Path::to_owned).into_iter().collect() }
    }
}

/// The function's program: of those that can run on this machine, the one that was built last.
pub(crate) fn find(function: &Function, places: &Places) -> Result<PathBuf, StartError> {
    let name = function.code.file_name().unwrap_or_default();
    let looked_at: Vec<PathBuf> = match &places.chosen {
        Some(folder) => vec![folder.join(name)],
        None => {
            let built = places.built.iter().map(|folder| folder.join(name));
            built.chain([function.code.join("bootstrap")]).collect()
        }
    };
    looked_at
        .iter()
        .filter_map(|path| Some((built_at(path)?, path)))
        .max_by_key(|(built_at, _)| *built_at)
        .map(|(_, path)| path.clone())
        .ok_or_else(|| StartError::NoBinary {
            logical_id: function.logical_id.clone(),
            looked_at: looked_at.clone(),
        })
}

/// When the program was built, if it is one, for this machine.
fn built_at(path: &Path) -> Option<SystemTime> {
    let details = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    runs_here(path).then(|| details.modified().ok()).flatten()
}

/// Whether this machine can run the program. Of an ELF file the header tells; anything else is for the system
/// to judge.
fn runs_here(path: &Path) -> bool {
    let mut header = [0; 20];
    if File::open(path).and_then(|mut file| file.read_exact(&mut header)).is_err() {
        return false;
    }
    if !header.starts_with(b"\x7fELF") {
        return !cfg!(target_os = "linux") || header.starts_with(b"#!");
    }
    let machine = u16::from_le_bytes([header[18], header[19]]);
    cfg!(target_os = "linux") && Some(machine) == elf_machine(std::env::consts::ARCH)
}

/// The number of a processor in an ELF header (`e_machine`).
fn elf_machine(processor: &str) -> Option<u16> {
    match processor {
        "x86_64" => Some(62),
        "aarch64" => Some(183),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::*;

    fn function(code: PathBuf) -> Function {
        Function {
            logical_id: "EmailFunction".to_owned(),
            name: "fanfare-email".to_owned(),
            arn: "arn:aws:lambda:us-east-1:000000000000:function:fanfare-email".to_owned(),
            code,
            environment: BTreeMap::new(),
            timeout: Duration::from_secs(3),
            memory_mb: 128,
            reserved_concurrency: None,
        }
    }

    fn elf(path: &Path, machine: u16, built: SystemTime) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let mut header = [0; 64];
        header[..4].copy_from_slice(b"\x7fELF");
        header[18..20].copy_from_slice(&machine.to_le_bytes());
        fs::write(path, header).expect("a file");
        File::options()
            .write(true)
            .open(path)
            .and_then(|file| file.set_modified(built))
            .expect("a time");
    }

    #[test]
    fn the_program_built_last_wins_among_those_of_this_machine() {
        let folder = tempfile::tempdir().expect("a folder");
        let here = elf_machine(std::env::consts::ARCH).expect("a processor with a number");
        let (older, newer) =
            (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + Duration::from_secs(60));
        let places = Places { chosen: None, built: vec![folder.path().join("debug")] };
        let function = function(folder.path().join("lambda/email"));
        let (cargo, lambda) =
            (folder.path().join("debug/email"), folder.path().join("lambda/email/bootstrap"));

        let error = find(&function, &places).expect_err("nothing is built").to_string();
        assert!(error.contains("EmailFunction") && error.contains("cargo lambda build"), "{error}");
        assert!(error.contains("debug/email") && error.contains("email/bootstrap"), "{error}");

        elf(&lambda, 0, newer);
        assert!(find(&function, &places).is_err(), "a program of another machine");
        elf(&cargo, here, older);
        assert_eq!(find(&function, &places).expect("a program"), cargo);
        elf(&lambda, here, newer);
        assert_eq!(find(&function, &places).expect("a program"), lambda);

        let chosen = Places { chosen: Some(folder.path().join("chosen")), ..places };
        assert!(find(&function, &chosen).is_err(), "a chosen folder excludes every other");
    }
}
