//! Why a function can't be started on this machine.

use std::path::PathBuf;

/// A function has nothing that this machine can run.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoProgram {
    /// It was not built, or for another machine.
    #[error(
        "has no program {name} for this machine: {remedy}. Looked at {}{}",
        listed(looked_at),
        elsewhere.iter().map(|(path, processor)| format!("; {} is for {processor}", path.display())).collect::<String>()
    )]
    NotBuilt {
        /// What it may be called.
        name: String,
        /// What to do.
        remedy: String,
        /// Where it could have been.
        looked_at: Vec<PathBuf>,
        /// Those of these places that have a program for another processor or system, and which.
        elsewhere: Vec<(PathBuf, String)>,
    },
    /// There is no interpreter.
    #[error("runs on {runtime}, and there is no {command} on the PATH: install it")]
    NoInterpreter {
        /// Lambda's name.
        runtime: String,
        /// What it is called.
        command: &'static str,
    },
    /// The handler's file is not there.
    #[error(
        "has no file for its Handler {handler}: write it, or where it is compiled or lies elsewhere run `sam build`. \
         Looked for {} in {}",
        listed(looked_for),
        listed(folders)
    )]
    NoHandler {
        /// As the template has it.
        handler: String,
        /// The files that may have it.
        looked_for: Vec<PathBuf>,
        /// Where they may be.
        folders: Vec<PathBuf>,
    },
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
