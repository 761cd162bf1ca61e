//! The console of what runs here.

use super::ConsoleArguments;
use crate::terminal::complain;
use fanfare_bootstrap::{Environment, ErrorChain};
use fanfare_console::{Console, ListenError, Writes};
use fanfare_local::Runner;
use fanfare_operate::{Connection, Target};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

impl ConsoleArguments {
    /// Listens where a console is wanted.
    ///
    /// # Errors
    /// [`ListenError`].
    pub(super) async fn listen(self) -> Result<Option<Console>, ListenError> {
        match self.no_console {
            true => Ok(None),
            false => Console::listen(self.console_port).await.map(Some),
        }
    }
}

/// What the stack and its region are called.
pub(super) struct Names {
    pub(super) stack: String,
    pub(super) region: String,
}

/// A console that is served. It ends when this is dropped, too.
pub(super) struct Served {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Served {
    /// Ends it.
    pub(super) async fn end(self) {
        drop(self.stop);
        if self.task.await.is_err() {
            complain("the console ended badly");
        }
    }
}

/// Serves a console of a runner. Its clients are made beside the start, which does not wait for them: who asks meanwhile waits.
pub(super) fn serve(console: Console, runner: &Runner, names: Names) -> Served {
    let Names { stack, region } = names;
    let target = Target { stack, region: Some(region), ..Target::at(runner.endpoint()) };
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move {
        match Connection::open(&target, &Environment::default()).await {
            Ok(connection) => {
                let stopped = async { drop(stopped.await) };
                console.serve(connection, Writes::Allowed, stopped).await;
            }
            Err(error) => complain(&format!("there is no console: {}", ErrorChain(&error))),
        }
    });
    Served { stop, task }
}
