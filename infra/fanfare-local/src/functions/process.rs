//! One process of a function: started, given one invocation at a time, watched until it exits.

use std::ffi::OsString;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot, watch};

use super::output::Output;
use super::program::Program;

/// How long a process may take until it asks for its first invocation.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib>
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// How long the output of a process that exited may still be on its way.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// One invocation as the process gets it.
#[derive(Debug, Clone)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    pub(crate) timeout: Duration,
}

/// How an invocation ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The function's answer.
    Answered(Bytes),
    /// The function's error, as it reported it.
    Failed(Bytes),
    /// It took too long. The process is being ended.
    TimedOut,
    /// The process exited before it answered.
    Exited(String),
    /// The process exited, or was too slow, before it ever asked for work.
    NeverReady(String),
    /// The process exited while it was idle; the invocation was not begun.
    NotBegun,
}

#[derive(Debug)]
struct Work {
    invocation: Invocation,
    taken: oneshot::Sender<()>,
    answer: oneshot::Sender<Result<Bytes, Bytes>>,
}

/// An invocation that the process has and has not answered.
#[derive(Debug)]
struct Current {
    request_id: String,
    answer: oneshot::Sender<Result<Bytes, Bytes>>,
}

/// A running process.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) pid: u32,
    work: mpsc::Sender<Work>,
    inbox: AsyncMutex<mpsc::Receiver<Work>>,
    current: Mutex<Option<Current>>,
    has_asked: AtomicBool,
    /// It runs a program that there is a newer one of.
    outdated: AtomicBool,
    exited: watch::Receiver<Option<String>>,
    kill: watch::Sender<bool>,
}

impl Instance {
    /// Starts a process. `on_exit` is called once it is gone.
    pub(crate) fn start(
        program: &Program,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        output: &Output,
        on_exit: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<Arc<Self>> {
        let mut child = Command::new(&program.command)
            .args(&program.arguments)
            .current_dir(&program.folder)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // A group of its own: the terminal's Ctrl-C is for the runner, which ends its processes itself.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let (work, inbox) = mpsc::channel(1);
        let (exits, exited) = watch::channel(None);
        let instance = Arc::new(Self {
            pid: child.id().unwrap_or_default(),
            work,
            inbox: AsyncMutex::new(inbox),
            current: Mutex::new(None),
            has_asked: AtomicBool::new(false),
            outdated: AtomicBool::new(false),
            exited,
            kill: watch::Sender::new(false),
        });
        let output = output.clone();
        let watched = instance.clone();
        tokio::spawn(async move {
            let status = watched.watch(&mut child, output).await;
            exits.send_replace(Some(status));
            on_exit();
        });
        Ok(instance)
    }

    async fn watch(&self, child: &mut Child, output: Output) -> String {
        let stdout = child.stdout.take().map(|source| tokio::spawn(output.clone().follow(source)));
        let stderr = child.stderr.take().map(|source| tokio::spawn(output.follow(source)));
        let mut kill = self.kill.subscribe();
        let waited = tokio::select! {
            status = child.wait() => status,
            () = async { drop(kill.wait_for(|kill| *kill).await) } => match child.start_kill() {
                Ok(()) => child.wait().await,
                Err(error) => Err(error),
            },
        };
        for follower in [stdout, stderr].into_iter().flatten() {
            // A process that it started may hold the pipe open.
            drop(tokio::time::timeout(LAST_WORDS, follower).await);
        }
        match waited {
            Ok(status) => describe(status),
            Err(error) => format!("cannot be watched: {error}"),
        }
    }

    /// What it works on is its last invocation.
    pub(crate) fn set_outdated(&self) {
        self.outdated.store(true, Ordering::Release);
    }

    pub(crate) fn is_outdated(&self) -> bool {
        self.outdated.load(Ordering::Acquire)
    }

    pub(crate) fn has_exited(&self) -> bool {
        self.exited.borrow().is_some()
    }

    /// Ends the process. Use [`gone`](Self::gone) to wait for it.
    pub(crate) fn kill(&self) {
        self.kill.send_replace(true);
    }

    /// Waits until the process is gone, and says how it ended.
    pub(crate) async fn gone(&self) -> String {
        let mut exited = self.exited.clone();
        match exited.wait_for(Option::is_some).await {
            Ok(status) => status.clone().unwrap_or_default(),
            Err(_) => "is not watched any more".to_owned(),
        }
    }

    /// Has the process work on one invocation, to its end.
    pub(crate) async fn run(&self, invocation: Invocation) -> Ending {
        let timeout = invocation.timeout;
        let was_ready = self.has_asked.load(Ordering::Acquire);
        let (taken, begins) = oneshot::channel();
        let (answer, ends) = oneshot::channel();
        if self.work.try_send(Work { invocation, taken, answer }).is_err() {
            return Ending::NotBegun;
        }
        let begun = tokio::select! {
            biased;
            begun = begins => begun.is_ok(),
            status = self.gone() => {
                return if was_ready { Ending::NotBegun } else { Ending::NeverReady(status) };
            }
            () = tokio::time::sleep(INIT_LIMIT) => false,
        };
        if !begun {
            self.kill();
            return Ending::NeverReady(format!(
                "asked for no work within {} s",
                INIT_LIMIT.as_secs()
            ));
        }
        tokio::select! {
            biased;
            Ok(answer) = ends => match answer {
                Ok(answer) => Ending::Answered(answer),
                Err(error) => Ending::Failed(error),
            },
            status = self.gone() => Ending::Exited(status),
            () = tokio::time::sleep(timeout) => {
                self.kill();
                Ending::TimedOut
            }
        }
    }

    /// The process asks for work: waits until there is some. `None` when it never will be.
    pub(super) async fn next(&self) -> Option<(Invocation, SystemTime)> {
        self.has_asked.store(true, Ordering::Release);
        let Work { invocation, taken, answer } = self.inbox.lock().await.recv().await?;
        let deadline = SystemTime::now() + invocation.timeout;
        *self.current() = Some(Current { request_id: invocation.request_id.clone(), answer });
        if taken.send(()).is_err() {
            tracing::debug!(pid = self.pid, "an invocation was taken up too late");
        }
        Some((invocation, deadline))
    }

    /// The process answers. Whether it was asked that.
    pub(super) fn answer(&self, request_id: &str, answer: Result<Bytes, Bytes>) -> bool {
        let mut current = self.current();
        if current.as_ref().is_none_or(|current| current.request_id != request_id) {
            return false;
        }
        match current.take() {
            Some(current) => current.answer.send(answer).is_ok(),
            None => false,
        }
    }

    /// A panic of another holder leaves it whole, since each change to it is one assignment.
    fn current(&self) -> std::sync::MutexGuard<'_, Option<Current>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status: {code}"),
        (None, Some(signal)) => format!("signal: {signal}"),
        (None, None) => status.to_string(),
    }
}
