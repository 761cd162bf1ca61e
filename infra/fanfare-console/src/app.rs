//! What the pages stand on: the way to the stack, who may come in, and what is under way.

use crate::job::Jobs;
use crate::look::Looks;
use crate::session::Session;
use fanfare_operate::{Audience, Connection, OperateError, QueueLine};
use std::future::Future;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, OnceCell};

/// How long what the queues said holds, for all who look at the same time.
const QUEUES_HOLD: Duration = Duration::from_secs(1);
/// How long what the subscriptions said holds. They change with a deployment.
const AUDIENCE_HOLDS: Duration = Duration::from_secs(30);

/// Whether a console may change anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// It may.
    Allowed,
    /// It may if the stack is one that `fanfare up` runs.
    OnRunnerAlone,
}

pub(crate) struct App {
    pub(crate) connection: Connection,
    pub(crate) session: Session,
    pub(crate) jobs: Jobs,
    pub(crate) looks: Looks,
    writes: Writes,
    is_runner: OnceCell<bool>,
    identity: OnceCell<Option<String>>,
    queues: Held<Vec<QueueLine>>,
    audience: Held<Audience>,
}

impl App {
    pub(crate) fn new(connection: Connection, session: Session, writes: Writes) -> Self {
        Self {
            connection,
            session,
            writes,
            jobs: Jobs::default(),
            looks: Looks::default(),
            is_runner: OnceCell::new(),
            identity: OnceCell::new(),
            queues: Held::default(),
            audience: Held::default(),
        }
    }

    /// Whether the stack is one that `fanfare up` runs.
    pub(crate) async fn is_runner(&self) -> Result<bool, OperateError> {
        let ask = || async { Ok(self.connection.runner().await?.is_some()) };
        self.is_runner.get_or_try_init(ask).await.copied()
    }

    /// Whether anything may be changed. What is not known is not allowed.
    pub(crate) async fn may_write(&self) -> bool {
        match self.writes {
            Writes::Allowed => true,
            Writes::OnRunnerAlone => self.is_runner().await.unwrap_or(false),
        }
    }

    /// Whom AWS knows by the credentials.
    pub(crate) async fn identity(&self) -> Option<&str> {
        if self.is_runner().await.unwrap_or(true) {
            return None;
        }
        self.identity.get_or_init(|| self.connection.identity()).await.as_deref()
    }

    /// How every queue stands.
    pub(crate) async fn queues(&self) -> Result<Vec<QueueLine>, OperateError> {
        self.queues.get(QUEUES_HOLD, || self.connection.queue_lines()).await
    }

    /// Who hears what.
    pub(crate) async fn audience(&self) -> Result<Audience, OperateError> {
        self.audience.get(AUDIENCE_HOLDS, || self.connection.audience()).await
    }
}

/// An answer that holds for a while, so that ten pages that look at the same time ask once.
struct Held<T>(Mutex<Option<(Instant, T)>>);

impl<T> Default for Held<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Held<T> {
    async fn get<F: Future<Output = Result<T, OperateError>>>(
        &self,
        holds: Duration,
        ask: impl FnOnce() -> F,
    ) -> Result<T, OperateError> {
        let mut held = self.0.lock().await;
        if let Some((since, answer)) = &*held
            && since.elapsed() < holds
        {
            return Ok(answer.clone());
        }
        let answer = ask().await?;
        *held = Some((Instant::now(), answer.clone()));
        Ok(answer)
    }
}
