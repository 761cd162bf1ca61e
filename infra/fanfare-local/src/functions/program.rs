//! Finding a function's program: what cargo, `cargo lambda` or `sam build` left behind.
//!
//! It is looked for where the template is, never where this runner is: a template of somebody else's must not run a
//! program of ours that happens to have the name of one of its functions.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::interpreter;
use super::no_program::NoProgram;
use super::places::Places;
use super::processor::{self, Fit};
use super::workspace;
use crate::template::stack::{Function, Runtime};

/// What is started for a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) command: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    /// Where it runs: the function's own folder, as on Lambda, where its files lie beside it.
    pub(crate) folder: PathBuf,
    /// The version of the interpreter that runs it, if that is not the one that the template names.
    pub(crate) other_version: Option<String>,
}

impl Program {
    /// The function's program: of those that can run on this machine, the one that was built last.
    pub(crate) fn find(function: &Function, places: &Places) -> Result<Self, NoProgram> {
        if function.runtime != Runtime::Binary {
            let built = places.sam_build(function);
            return interpreter::program(function, &built, &places.interpreters);
        }
        let names = names(function);
        let looked_at = places.of(function, &names);
        let built = looked_at.iter().filter_map(|path| Some((built_at(path)?, path)));
        match built.max_by_key(|(built_at, _)| *built_at) {
            Some((_, path)) => Ok(Self::at(path, function)),
            None => Err(NoProgram::NotBuilt {
                remedy: remedy(function, &names, places),
                name: names.into_iter().next().unwrap_or_default(),
                elsewhere: looked_at.iter().filter_map(|path| elsewhere(path)).collect(),
                looked_at,
            }),
        }
    }

    fn at(path: &Path, function: &Function) -> Self {
        let beside = path.parent().unwrap_or(Path::new("/"));
        let is_unpacked = path.ends_with("bootstrap") && !function.code.is_dir();
        let folder = if is_unpacked { beside } else { function.code.as_path() };
        Self {
            command: path.to_owned(),
            arguments: Vec::new(),
            other_version: None,
            folder: if folder.is_dir() { folder } else { beside }.to_owned(),
        }
    }
}

/// What the function's program may be called: as the metadata's `BuildProperties` say, and where they say nothing
/// as its package does, or its folder.
fn names(function: &Function) -> Vec<String> {
    if let Some(binary) = &function.binary {
        return vec![binary.clone()];
    }
    let mut names = workspace::binaries(&function.code);
    if !names.contains(&function.program) {
        names.push(function.program.clone());
    }
    names
}

fn remedy(function: &Function, names: &[String], places: &Places) -> String {
    let name = names.first().map_or("bootstrap", String::as_str);
    match (&places.chosen, places.workspaces(function).first()) {
        (Some(folder), _) => format!("put it into {}", folder.display()),
        (None, Some(workspace)) => {
            let root = workspace.root.display();
            format!(
                "build it in {root}: `cargo build --bin {name}` or `cargo lambda build --bin {name}`"
            )
        }
        (None, None) => {
            format!("put it into {} as `bootstrap`", function.code.display())
        }
    }
}

/// When the program was built, if it is one, for this machine.
fn built_at(path: &Path) -> Option<SystemTime> {
    let details = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    (processor::fit(path) == Fit::Runs).then(|| details.modified().ok()).flatten()
}

/// The program, and whom it is for, if that is not this machine.
fn elsewhere(path: &Path) -> Option<(PathBuf, String)> {
    match processor::fit(path) {
        Fit::IsFor(processor) if path.is_file() => Some((path.to_owned(), processor)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::fs::File;
    use std::time::Duration;

    use super::super::interpreter::Interpreters;
    use super::*;

    /// A folder that holds a workspace with a template in `infra`.
    struct Project(tempfile::TempDir);

    impl Project {
        fn new() -> Self {
            let project = Self(tempfile::tempdir().expect("a folder"));
            fs::write(project.path("Cargo.toml"), "[workspace]").expect("a manifest");
            project
        }

        fn path(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        /// What a runner sees that was installed elsewhere.
        fn places(&self) -> Places {
            Places {
                chosen: None,
                template: self.path("infra"),
                target: None,
                beside: Some(PathBuf::from("/usr/local/bin")),
                interpreters: Interpreters::default(),
            }
        }

        fn function(&self) -> Function {
            Function {
                logical_id: "ClimateFunction".to_owned(),
                code: self.path("functions/climate"),
                program: "climate".to_owned(),
                ..Function::default()
            }
        }

        fn built(&self, path: &str, machine: u16, minute: u64) -> PathBuf {
            let path = self.path(path);
            elf(&path, machine, SystemTime::UNIX_EPOCH + Duration::from_secs(60 * minute));
            path
        }
    }

    fn here() -> u16 {
        processor::number(env::consts::ARCH).expect("a processor with a number")
    }

    fn find(function: &Function, places: &Places) -> Result<PathBuf, NoProgram> {
        Program::find(function, places).map(|program| program.command)
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
        let project = Project::new();
        let find = || find(&project.function(), &project.places());

        project.built("target/lambda/climate/bootstrap", 0, 9);
        assert!(find().is_err(), "a program of another machine");
        let cargo = project.built("target/debug/climate", here(), 0);
        assert_eq!(find().expect("a program"), cargo);
        let lambda = project.built("target/lambda/climate/bootstrap", here(), 1);
        assert_eq!(find().expect("a program"), lambda);
        let release = project.built("target/release/climate", here(), 2);
        assert_eq!(find().expect("a program"), release);
        let code = project.built("functions/climate/bootstrap", here(), 3);
        assert_eq!(find().expect("a program"), code);
        let sam = project.built("infra/.aws-sam/build/ClimateFunction/bootstrap", here(), 4);
        assert_eq!(find().expect("a program"), sam);
    }

    #[test]
    fn a_chosen_folder_excludes_every_other() {
        let project = Project::new();
        project.built("target/debug/climate", here(), 0);
        let places = Places { chosen: Some(project.path("chosen")), ..project.places() };

        assert!(find(&project.function(), &places).is_err());
        let chosen = project.built("chosen/climate", here(), 0);
        assert_eq!(find(&project.function(), &places).expect("a program"), chosen);
    }

    #[test]
    fn what_lies_beside_the_runner_counts_only_in_the_template_s_own_workspace() {
        let (project, other) = (Project::new(), Project::new());
        let ours = other.built("target/debug/climate", here(), 5);
        let beside = ours.parent().map(Path::to_owned);

        let foreign = Places { beside: beside.clone(), ..project.places() };
        assert!(find(&project.function(), &foreign).is_err(), "a program of another workspace");

        other.built("target/release/climate", here(), 6);
        let own = Places { beside, ..other.places() };
        assert_eq!(find(&other.function(), &own).expect("a program"), ours);
    }

    #[test]
    fn a_missing_program_is_told_with_every_place_and_what_to_type() {
        let project = Project::new();
        let other = if here() == 62 { (183, "arm64") } else { (62, "x86_64") };
        let foreign = project.built("target/lambda/climate/bootstrap", other.0, 9);

        let error = find(&project.function(), &project.places()).expect_err("none").to_string();

        assert!(error.starts_with("has no program climate for this machine"), "{error}");
        assert!(error.contains("target/debug/climate"), "{error}");
        assert!(error.contains("infra/.aws-sam/build/ClimateFunction/bootstrap"), "{error}");
        assert!(error.contains("`cargo build --bin climate`"), "{error}");
        let other = format!(
            "{} is for {}, and this machine is {}",
            foreign.display(),
            other.1,
            processor::here()
        );
        assert!(error.contains(&other), "{error}");
    }
}
