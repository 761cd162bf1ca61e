//! `fanfare up --watch`: builds what was changed, and puts the new programs in the place of the old ones.

use super::sources::Sources;
use crate::terminal::{BAD, GOOD, complain, styled};
use fanfare_local::Runner;
use serde_json::Value;
use std::collections::BTreeSet;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Instant;
use tokio::process::Command;

/// Why nothing can be watched.
#[derive(Debug, thiserror::Error)]
enum CannotWatch {
    #[error("--watch builds with cargo, and {} is in no cargo workspace", folder.display())]
    NoWorkspace { folder: PathBuf },
    #[error("--watch needs cargo")]
    NoCargo(#[source] std::io::Error),
    #[error(
        "--watch builds programs in target/debug or target/release, and no function of the template has one there: \
         build them by `cargo build` first"
    )]
    NothingBuilt,
}

/// Builds and replaces for as long as it is awaited.
pub(super) async fn watch(
    runner: &Runner,
    template: &Path,
    data: Option<&Path>,
) -> Result<(), Box<dyn Error>> {
    // Cargo and the watcher tell of files by their real paths.
    let template = template.canonicalize()?;
    let data = data.map(Path::canonicalize).transpose()?;
    let folder = template.parent().unwrap_or(Path::new("/"));
    let build = Build::of(runner, workspace(folder).await?)?;
    let mut sources = Sources::watch(&build.root, data)?;
    say(&format!("watching {}", build.root.display()))?;
    let mut told = None;
    loop {
        let changed = sources.next().await?;
        if changed.contains(&template) {
            anstream::eprintln!(
                "the template has changed: what is new in it runs after a restart of `fanfare up`"
            );
        }
        // Nothing is compiled from a template.
        if changed.iter().all(|file| *file == template) {
            continue;
        }
        let begun = Instant::now();
        let built = match build.run().await? {
            Ok(built) => built,
            // A file that has nothing to do with it was saved: what is wrong is known.
            Err(errors) if told.as_ref() == Some(&errors) => continue,
            Err(errors) => {
                anstream::eprintln!(
                    "{errors}\n{}: the old programs go on",
                    styled(BAD, "not built")
                );
                told = Some(errors);
                continue;
            }
        };
        told = None;
        let (replaced, took) = (replace(runner, &built).await, begun.elapsed().as_secs_f64());
        match replaced.is_empty() {
            true => say(&format!("built in {took:.1} s: no function has changed"))?,
            false => say(&format!(
                "{} in {took:.1} s: {}",
                styled(GOOD, "replaced"),
                replaced.join(", ")
            ))?,
        }
    }
}

/// Replaces the functions whose program was built anew. Their names.
async fn replace<'a>(runner: &'a Runner, built: &[PathBuf]) -> Vec<&'a str> {
    let is_built = |program: &Path| {
        let real = program.canonicalize();
        built
            .iter()
            .any(|path| path == program || path.canonicalize().ok() == real.as_ref().ok().cloned())
    };
    let programs: Vec<_> = runner.programs().filter(|(_, program)| is_built(program)).collect();
    for (_, program) in &programs {
        runner.replace(program).await;
    }
    programs.into_iter().map(|(name, _)| name).collect()
}

/// What is built, and where.
struct Build {
    root: PathBuf,
    programs: BTreeSet<String>,
    is_release: bool,
}

impl Build {
    /// The programs of the functions that cargo builds by itself.
    fn of(runner: &Runner, root: PathBuf) -> Result<Self, CannotWatch> {
        let (mut programs, mut is_release) = (BTreeSet::new(), false);
        for (function, program) in runner.programs() {
            let profile = program.parent().and_then(Path::file_name).and_then(|name| name.to_str());
            let name = program.file_name().and_then(|name| name.to_str());
            match (profile, name) {
                (Some("debug" | "release"), Some(name)) => {
                    programs.insert(name.to_owned());
                    is_release |= profile == Some("release");
                }
                _ => complain(&format!(
                    "{function} is not built by --watch: its program is {}",
                    program.display()
                )),
            }
        }
        match programs.is_empty() {
            true => Err(CannotWatch::NothingBuilt),
            false => Ok(Self { root, programs, is_release }),
        }
    }

    /// Builds. The programs that are new, or what cargo says is wrong.
    async fn run(&self) -> Result<Result<Vec<PathBuf>, String>, CannotWatch> {
        let mut cargo = cargo();
        cargo.args(["build", "--workspace", "--quiet", "--message-format=json-render-diagnostics"]);
        cargo.args(self.is_release.then_some("--release"));
        for program in &self.programs {
            cargo.args(["--bin", program]);
        }
        cargo.current_dir(&self.root).stdin(Stdio::null()).kill_on_drop(true);
        let output = cargo.output().await.map_err(CannotWatch::NoCargo)?;
        Ok(match output.status.success() {
            true => Ok(new_programs(&String::from_utf8_lossy(&output.stdout))),
            false => Err(String::from_utf8_lossy(&output.stderr).trim_end().to_owned()),
        })
    }
}

/// The programs that cargo says it has made, and had not made before.
/// <https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>
fn new_programs(messages: &str) -> Vec<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let new = messages.filter(|message| message["fresh"] == false);
    new.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).collect()
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The folder of the workspace that a folder lies in.
async fn workspace(folder: &Path) -> Result<PathBuf, CannotWatch> {
    let mut locate = cargo();
    locate.args(["locate-project", "--workspace", "--message-format", "plain"]).current_dir(folder);
    let output = locate.output().await.map_err(CannotWatch::NoCargo)?;
    let manifest = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    match manifest.parent().filter(|_| output.status.success()) {
        Some(root) => Ok(root.to_owned()),
        None => Err(CannotWatch::NoWorkspace { folder: folder.to_owned() }),
    }
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = anstream::stdout();
    writeln!(out, "{line}")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_before_is_not_new() {
        let messages = r#"{"reason":"compiler-artifact","fresh":true,"executable":"/t/debug/a"}
            {"reason":"compiler-artifact","fresh":false,"executable":"/t/debug/b"}
            {"reason":"compiler-artifact","fresh":false,"executable":null}
            {"reason":"build-finished","success":true}"#;
        assert_eq!(new_programs(messages), [PathBuf::from("/t/debug/b")]);
    }
}
