//! Programs of the workspace as processes.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;

/// The repository's root.
pub fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A program of the workspace, from the folder that this test was built into.
///
/// # Panics
/// When it was not built: `make local` does that.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this test is a file");
    let folders = test.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join(name)).find(|path| path.is_file());
    found.unwrap_or_else(|| panic!("{name} is not built; run `make local` first"))
}

/// A `fanfare` process.
#[derive(Debug)]
pub struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// Collects standard error all along: a full pipe would halt the process.
    stderr: JoinHandle<String>,
}

impl Process {
    /// Starts `fanfare` with these arguments, in the repository.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn start(arguments: &[&str]) -> Self {
        Self::start_in(&repository(), &[], arguments)
    }

    /// Starts `fanfare` in a folder, with these variables besides.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn start_in(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Self {
        let mut child = Command::new(program("fanfare"))
            .args(arguments)
            .envs(variables.iter().copied())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("fanfare starts");
        let stdout = child.stdout.take().expect("standard output is piped");
        let mut stderr = child.stderr.take().expect("standard error is piped");
        let stderr = tokio::spawn(async move {
            let mut text = String::new();
            stderr.read_to_string(&mut text).await.expect("standard error is readable");
            text
        });
        Self { child, stdout: BufReader::new(stdout), stderr }
    }

    /// The next line of standard output, without its end; empty when there is none.
    ///
    /// # Panics
    /// When it can't be read.
    pub async fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).await.expect("standard output is readable");
        line.trim_end().to_owned()
    }

    /// The process's id, while it runs.
    ///
    /// # Panics
    /// When it has ended.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("fanfare runs")
    }

    /// Sends a signal, such as `TERM`.
    ///
    /// # Panics
    /// When that fails.
    pub async fn signal(&self, signal: &str) {
        kill(signal, self.pid()).await;
    }

    /// Waits for the end, and gives the exit status, the rest of standard output, and standard error.
    ///
    /// # Panics
    /// When it can't be waited for.
    pub async fn end(mut self) -> (ExitStatus, String, String) {
        let mut out = String::new();
        let (status, read, err) =
            tokio::join!(self.child.wait(), self.stdout.read_to_string(&mut out), self.stderr);
        read.expect("standard output is readable");
        (status.expect("fanfare ends"), out, err.expect("standard error was collected"))
    }
}

/// Sends a signal to a process; one that has ended already is none of our business.
pub(crate) async fn kill(signal: &str, pid: u32) {
    let sent = Command::new("kill").arg(format!("-{signal}")).arg(pid.to_string()).output().await;
    sent.expect("kill runs");
}
