//! Redriving under way. It goes on when nobody looks, and its page tells how far it is.

use fanfare_bootstrap::ErrorChain;
use fanfare_event::Timestamp;
use fanfare_operate::{
    Connection, DeadLetterQueue, OperateError, Progress, Redrive, Report, Selection, Stop,
};
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Jobs that are remembered; the audit list has them all.
const REMEMBERED: usize = 50;

/// What is asked for.
pub(crate) struct Order {
    pub(crate) selection: Selection,
    pub(crate) why: String,
    pub(crate) rate: Option<u32>,
}

/// One redrive.
pub(crate) struct Job {
    pub(crate) id: u64,
    pub(crate) consumer: String,
    pub(crate) why: String,
    pub(crate) started_at: Timestamp,
    pub(crate) steps: Steps,
    pub(crate) stop: Stop,
    state: Mutex<State>,
}

/// How it is with a job.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub(crate) enum State {
    Running,
    Ended { report: Report },
    Failed { error: String },
}

impl State {
    pub(crate) fn is_running(&self) -> bool {
        matches!(self, Self::Running)
    }
}

/// Dead letters that were looked at, of those that there were.
#[derive(Default)]
pub(crate) struct Steps {
    expected: AtomicU64,
    done: AtomicU64,
}

impl Steps {
    pub(crate) fn expected(&self) -> u64 {
        self.expected.load(Ordering::Relaxed).max(self.done())
    }

    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }
}

impl Progress for Steps {
    fn begin(&self, _: &'static str) {}

    fn expect(&self, steps: u64) {
        self.expected.fetch_add(steps, Ordering::Relaxed);
    }

    fn advance(&self, steps: u64) {
        self.done.fetch_add(steps, Ordering::Relaxed);
    }
}

impl Job {
    pub(crate) fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn redrive(&self, connection: &Connection, letters: &DeadLetterQueue, order: Order) {
        let redrive = Redrive {
            selection: order.selection,
            rate: order.rate,
            why: Some(order.why),
            stop_on_return: true,
            ..Redrive::default()
        };
        let done = connection.redrive(letters, &redrive, &self.steps, &self.stop).await;
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = ended(done);
    }
}

fn ended(done: Result<Report, OperateError>) -> State {
    match done {
        Ok(report) => State::Ended { report },
        Err(error) => State::Failed { error: ErrorChain(&error).to_string() },
    }
}

/// All jobs of this console, the newest last.
#[derive(Default)]
pub(crate) struct Jobs(Mutex<(u64, Vec<Arc<Job>>)>);

impl Jobs {
    pub(crate) fn get(&self, id: u64) -> Option<Arc<Job>> {
        self.all().into_iter().find(|job| job.id == id)
    }

    pub(crate) fn all(&self) -> Vec<Arc<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// The job that redrives a consumer's dead letters at the moment.
    pub(crate) fn running(&self, consumer: &str) -> Option<Arc<Job>> {
        self.all().into_iter().find(|job| job.consumer == consumer && job.state().is_running())
    }

    /// Begins to redrive, once nobody looks into the queue any more; the one that is under way for the same consumer, if there is one.
    pub(crate) fn start(
        &self,
        connection: Connection,
        letters: DeadLetterQueue,
        order: Order,
        turn: Arc<tokio::sync::Mutex<()>>,
    ) -> Result<Arc<Job>, Arc<Job>> {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_consumer =
            |job: &&Arc<Job>| job.consumer == letters.consumer && job.state().is_running();
        if let Some(running) = jobs.1.iter().find(of_consumer) {
            return Err(running.clone());
        }
        jobs.0 += 1;
        let job = Arc::new(Job {
            id: jobs.0,
            consumer: letters.consumer.clone(),
            why: order.why.clone(),
            started_at: Timestamp::now(),
            steps: Steps::default(),
            stop: Stop::default(),
            state: Mutex::new(State::Running),
        });
        let oldest = jobs.1.iter().position(|job| !job.state().is_running());
        if let Some(oldest) = oldest.filter(|_| jobs.1.len() >= REMEMBERED) {
            jobs.1.remove(oldest);
        }
        jobs.1.push(job.clone());
        let under_way = job.clone();
        tokio::spawn(async move {
            let _turn = turn.lock().await;
            under_way.redrive(&connection, &letters, order).await;
        });
        Ok(job)
    }
}
