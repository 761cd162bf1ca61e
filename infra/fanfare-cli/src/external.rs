//! Commands that are programs of their own: `fanfare NAME` is `fanfare-NAME`, beside `fanfare` itself or on the PATH.

use clap::Command;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

/// What the name of such a program begins with.
const PREFIX: &str = "fanfare-";

/// Why a program that was found does not run.
#[derive(Debug, thiserror::Error)]
#[error("cannot run {}", program.display())]
pub(crate) struct NotRun {
    program: PathBuf,
    source: io::Error,
}

/// Runs the program that the arguments mean, if they mean one, in the place of this process: its exit code is the
/// command's, and every signal is its own. It comes back only with an error, or when a built-in command is meant.
pub(crate) fn replace_this_process(arguments: &[OsString], built_in: &Command) -> Option<NotRun> {
    let (name, rest) = asked_for(arguments, built_in)?;
    let program = Programs::here().find(name)?;
    let source = std::process::Command::new(&program).args(rest).exec();
    Some(NotRun { program, source })
}

/// The command with every program that there is in its help, and among what it suggests for a slip of the pen.
pub(crate) fn listed_in(command: Command) -> Command {
    let is_built_in = |name: &str| command.find_subcommand(name).is_some();
    let found: Vec<_> =
        Programs::here().all().into_iter().filter(|(name, _)| !is_built_in(name)).collect();
    found.into_iter().fold(command, |command, (name, program)| {
        command.subcommand(Command::new(name).about(format!("Run {}", program.display())))
    })
}

/// The name of a command that is not built in, and its arguments. `help NAME` asks it for its help.
fn asked_for<'a>(
    arguments: &'a [OsString],
    built_in: &Command,
) -> Option<(&'a str, Vec<&'a OsStr>)> {
    let rest: Vec<&OsStr> = arguments.iter().skip(1).map(OsString::as_os_str).collect();
    let (name, rest) = match rest.as_slice() {
        [help, name] if *help == "help" => (name.to_str()?, vec![OsStr::new("--help")]),
        [name, rest @ ..] => (name.to_str()?, rest.to_vec()),
        [] => return None,
    };
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let is_built_in = name == "help" || built_in.find_subcommand(name).is_some();
    (is_name && !is_built_in).then_some((name, rest))
}

/// Where programs are looked for, the first place first.
struct Programs(Vec<PathBuf>);

impl Programs {
    fn here() -> Self {
        let beside = std::env::current_exe().ok();
        let beside = beside.as_deref().and_then(Path::parent).map(Path::to_owned);
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self(beside.into_iter().chain(std::env::split_paths(&path)).collect())
    }

    fn find(&self, name: &str) -> Option<PathBuf> {
        let file = format!("{PREFIX}{name}");
        self.0.iter().map(|folder| folder.join(&file)).find(|program| is_program(program))
    }

    /// Every program, by its command's name.
    fn all(&self) -> BTreeMap<String, PathBuf> {
        let mut all = BTreeMap::new();
        for entry in self.0.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten() {
            let Ok(entry) = entry else { continue };
            let file = entry.file_name();
            let name = file.to_str().and_then(|file| file.strip_prefix(PREFIX));
            // What Cargo and shells put beside a program, such as `fanfare-store.d`, is none.
            let Some(name) = name.filter(|name| !name.contains('.')) else { continue };
            if is_program(&entry.path()) {
                all.entry(name.to_owned()).or_insert_with(|| entry.path());
            }
        }
        all
    }
}

fn is_program(path: &Path) -> bool {
    let is_executable =
        |file: std::fs::Metadata| file.is_file() && file.permissions().mode() & 0o111 != 0;
    std::fs::metadata(path).is_ok_and(is_executable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> Option<(String, Vec<String>)> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        let built_in = Command::new("fanfare").subcommand(Command::new("up"));
        let (name, rest) = asked_for(&words, &built_in)?;
        let rest = rest.iter().map(|word| word.to_string_lossy().into_owned()).collect();
        Some((name.to_owned(), rest))
    }

    #[test]
    fn a_command_that_is_not_built_in_is_a_program_s() {
        let meant = |name: &str, rest: &[&str]| {
            Some((name.to_owned(), rest.iter().map(|word| (*word).to_owned()).collect()))
        };
        assert_eq!(asked(&["fanfare", "x", "a", "--b"]), meant("x", &["a", "--b"]));
        assert_eq!(asked(&["fanfare", "help", "x"]), meant("x", &["--help"]));
        for none in [&["fanfare"][..], &["fanfare", "up"], &["fanfare", "help"], &["fanfare", "-x"]]
        {
            assert_eq!(asked(none), None, "{none:?}");
        }
        assert_eq!(asked(&["fanfare", "../x"]), None, "a command's name is no path");
    }

    #[test]
    fn the_first_place_with_a_program_of_the_name_has_it() {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let program = |folder: &tempfile::TempDir, name: &str, mode: u32| {
            let file = folder.path().join(name);
            std::fs::write(&file, "").expect("written");
            std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).expect("changed");
            file
        };
        program(&folders[0], "fanfare-one", 0o644);
        program(&folders[0], "fanfare-two.d", 0o755);
        let one = program(&folders[1], "fanfare-one", 0o755);
        let programs = Programs(folders.iter().map(|folder| folder.path().to_owned()).collect());

        assert_eq!(programs.find("one"), Some(one.clone()), "the first is no program");
        assert_eq!(programs.find("two"), None);
        assert_eq!(programs.all(), BTreeMap::from([("one".to_owned(), one)]));
    }
}
