//! Finding a function's program: what cargo, `cargo lambda` or `sam build` left behind.
//!
//! It is looked for where the template is, never where this runner is: a template of somebody else's must not run a
//! program of ours that happens to have the name of one of its functions.

use std::env;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::workspace::Workspace;
use crate::error::StartError;
use crate::template::stack::Function;

/// Where programs may be.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// The operator's choice, which excludes every other place.
    chosen: Option<PathBuf>,
    /// The template's folder, absolute.
    template: PathBuf,
    /// What `CARGO_TARGET_DIR` says.
    target: Option<PathBuf>,
    /// The folder of the running program.
    beside: Option<PathBuf>,
}

impl Places {
    /// Around this template, or in the operator's choice.
    pub(crate) fn new(chosen: Option<PathBuf>, template: &Path) -> Self {
        let template = std::path::absolute(template).unwrap_or_else(|_| template.to_owned());
        let program = env::current_exe().ok();
        let folder = program.as_deref().and_then(Path::parent);
        // A test runs from `target/debug/deps`, and the programs are one folder up.
        let above = folder.filter(|folder| folder.ends_with("deps")).and_then(Path::parent);
        Self {
            chosen,
            template: template.parent().map(Path::to_owned).unwrap_or_default(),
            target: env::var_os("CARGO_TARGET_DIR").map(PathBuf::from),
            beside: above.or(folder).map(Path::to_owned),
        }
    }

    fn of(&self, function: &Function) -> Vec<PathBuf> {
        let name = &function.program;
        if let Some(folder) = &self.chosen {
            return vec![folder.join(name)];
        }
        let mut places = Vec::new();
        for workspace in self.workspaces(function) {
            places.extend(self.profiles(&workspace).into_iter().map(|folder| folder.join(name)));
            places.push(workspace.target.join("lambda").join(name).join("bootstrap"));
        }
        places.push(function.code.join("bootstrap"));
        let sam = self.template.join(".aws-sam/build").join(&function.logical_id);
        places.push(sam.join("bootstrap"));
        places.dedup();
        places
    }

    /// The function's own workspace, and the template's if that is another.
    fn workspaces(&self, function: &Function) -> Vec<Workspace> {
        let around = |folder| Workspace::around(folder, self.target.as_deref());
        let mut found: Vec<Workspace> =
            [around(&function.code), around(&self.template)].into_iter().flatten().collect();
        found.dedup();
        found
    }

    /// The folders that a workspace's programs are built into. A runner that was built there too runs what was built
    /// as it was.
    fn profiles(&self, workspace: &Workspace) -> Vec<PathBuf> {
        match &self.beside {
            Some(beside) if beside.parent() == Some(&workspace.target) => vec![beside.clone()],
            _ => ["debug", "release"].map(|profile| workspace.target.join(profile)).into(),
        }
    }
}

/// The function's program: of those that can run on this machine, the one that was built last.
pub(crate) fn find(function: &Function, places: &Places) -> Result<PathBuf, StartError> {
    let looked_at = places.of(function);
    let built = looked_at.iter().filter_map(|path| Some((built_at(path)?, path)));
    match built.max_by_key(|(built_at, _)| *built_at) {
        Some((_, path)) => Ok(path.clone()),
        None => Err(StartError::NoBinary {
            logical_id: function.logical_id.clone(),
            program: function.program.clone(),
            remedy: remedy(function, places),
            elsewhere: looked_at.iter().filter(|path| path.is_file()).cloned().collect(),
            looked_at,
        }),
    }
}

fn remedy(function: &Function, places: &Places) -> String {
    let name = &function.program;
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
    cfg!(target_os = "linux") && Some(machine) == elf_machine(env::consts::ARCH)
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
            }
        }

        fn function(&self) -> Function {
            Function {
                logical_id: "ClimateFunction".to_owned(),
                name: "fanfare-climate".to_owned(),
                arn: "arn:aws:lambda:us-east-1:000000000000:function:fanfare-climate".to_owned(),
                code: self.path("functions/climate"),
                program: "climate".to_owned(),
                environment: BTreeMap::new(),
                timeout: Duration::from_secs(3),
                memory_mb: 128,
                reserved_concurrency: None,
            }
        }

        fn built(&self, path: &str, machine: u16, minute: u64) -> PathBuf {
            let path = self.path(path);
            elf(&path, machine, SystemTime::UNIX_EPOCH + Duration::from_secs(60 * minute));
            path
        }
    }

    fn here() -> u16 {
        elf_machine(env::consts::ARCH).expect("a processor with a number")
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
        let foreign = project.built("target/lambda/climate/bootstrap", 0, 9);

        let error = find(&project.function(), &project.places()).expect_err("none").to_string();

        assert!(
            error.starts_with("ClimateFunction: there is no program climate for this machine"),
            "{error}"
        );
        assert!(error.contains("target/debug/climate"), "{error}");
        assert!(error.contains("infra/.aws-sam/build/ClimateFunction/bootstrap"), "{error}");
        assert!(error.contains("`cargo build --bin climate`"), "{error}");
        let other = format!("{} is for another machine", foreign.display());
        assert!(error.contains(&other), "{error}");
    }
}
