//! Message move tasks: dead letters go back to where they came from, or to a queue of the caller's.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html>

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustack_sqs_model::error::SqsError;
use rustack_sqs_model::types::ListMessageMoveTasksResultEntry;
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use super::message::{Stored, Visibility};
use super::queue::millis;
use super::{Queue, Queues, check_range, kept};

/// Messages a second that a task moves when nothing is said, and at the most.
const RATE: i32 = 500;
/// Tasks that are remembered. AWS shows ten of each queue.
const REMEMBERED: usize = 100;

/// The tasks of one runner, the newest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Moves(Arc<Mutex<VecDeque<Task>>>);

#[derive(Debug, Clone)]
struct Task {
    handle: String,
    source_arn: String,
    destination_arn: Option<String>,
    rate: Option<i32>,
    status: Status,
    moved: i64,
    to_move: i64,
    started: i64,
    failure: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Running,
    Cancelling,
    Cancelled,
    Completed,
    Failed,
}

impl Status {
    const fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Cancelling => "CANCELLING",
            Self::Cancelled => "CANCELLED",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }

    const fn is_over(self) -> bool {
        matches!(self, Self::Cancelled | Self::Completed | Self::Failed)
    }
}

impl Moves {
    fn tasks(&self) -> MutexGuard<'_, VecDeque<Task>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a task, and says how it stands.
    fn change(&self, handle: &str, change: impl FnOnce(&mut Task)) -> Status {
        let mut tasks = self.tasks();
        match tasks.iter_mut().find(|task| task.handle == handle) {
            Some(task) => {
                change(task);
                task.status
            }
            None => Status::Failed,
        }
    }
}

impl Queues {
    /// Begins to move a dead-letter queue's messages. The task's handle.
    pub(crate) fn start_move(
        &self,
        source_arn: &str,
        destination_arn: Option<&str>,
        rate: Option<i32>,
    ) -> Result<String, SqsError> {
        check_range("MaxNumberOfMessagesPerSecond", rate, 1, RATE)?;
        let missing = || {
            SqsError::resource_not_found(
                "The resource that you specified for the SourceArn parameter doesn't exist.",
            )
        };
        let source = self.by_arn(source_arn).map_err(|_| missing())?;
        if self.sources(&source.url)?.is_empty() {
            return Err(SqsError::invalid_parameter_value(
                "Source queue must be configured as a Dead Letter Queue.",
            ));
        }
        if let Some(arn) = destination_arn {
            let gone = || {
                SqsError::resource_not_found(
                    "The resource that you specified for the DestinationArn parameter doesn't exist.",
                )
            };
            self.by_arn(arn).map_err(|_| gone())?;
        }
        let mut tasks = self.moves.tasks();
        if tasks.iter().any(|task| task.source_arn == source_arn && !task.status.is_over()) {
            return Err(SqsError::invalid_parameter_value(
                "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
            ));
        }
        let handle = json!({"taskId": Uuid::new_v4().to_string(), "sourceArn": source_arn});
        let handle = BASE64.encode(handle.to_string());
        let to_move = source.state().backlog.counts(Instant::now()).visible;
        tasks.push_front(Task {
            handle: handle.clone(),
            source_arn: source_arn.to_owned(),
            destination_arn: destination_arn.map(str::to_owned),
            rate,
            status: Status::Running,
            moved: 0,
            to_move: i64::try_from(to_move).unwrap_or(i64::MAX),
            started: i64::try_from(millis()).unwrap_or(i64::MAX),
            failure: None,
        });
        tasks.truncate(REMEMBERED);
        drop(tasks);
        let (queues, task) = (self.clone(), handle.clone());
        let destination = destination_arn.map(str::to_owned);
        tokio::spawn(async move { queues.carry_on(&source, destination, rate, &task).await });
        Ok(handle)
    }

    /// Moves message after message until none is there, somebody cancels it, or the runner stops.
    async fn carry_on(
        &self,
        source: &Queue,
        destination: Option<String>,
        rate: Option<i32>,
        handle: &str,
    ) {
        let pause = Duration::from_secs(1) / rate.unwrap_or(RATE).unsigned_abs().max(1);
        let mut stop = self.stop.clone();
        loop {
            if self.moves.change(handle, |_| ()) == Status::Cancelling {
                self.moves.change(handle, |task| task.status = Status::Cancelled);
                return;
            }
            let Some(message) = source.state().backlog.pop(Instant::now()) else {
                self.moves.change(handle, |task| task.status = Status::Completed);
                return;
            };
            let Some(target) = self.target(source, destination.as_deref(), &message) else {
                source.put(message);
                self.moves.change(handle, |task| {
                    task.status = Status::Failed;
                    task.failure = Some("CouldNotDetermineMessageSource".to_owned());
                });
                return;
            };
            self.move_to(&target, message).await;
            self.moves.change(handle, |task| task.moved += 1);
            tokio::select! {
                () = stop.requested() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Where a message goes: where the caller says, or where it came from. What came there before a restart of the runner has
    /// forgotten that, which one source alone makes up for.
    fn target(
        &self,
        source: &Queue,
        destination: Option<&str>,
        message: &Stored,
    ) -> Option<Arc<Queue>> {
        match destination.or(message.source_arn.as_deref()) {
            Some(arn) => self.by_arn(arn).ok(),
            None => match &self.sources(&source.url).ok()?[..] {
                [only] => self.find(only).ok(),
                _ => None,
            },
        }
    }

    /// A message that is moved is a new one in its queue, with no receives. It keeps its id here, where AWS gives it another, so that
    /// the journal has it at each moment.
    async fn move_to(&self, target: &Queue, mut message: Stored) {
        let id = message.id.clone();
        message.receives = 0;
        message.first_received = None;
        message.source_arn = None;
        message.visibility = Visibility::Visible;
        message.sent = millis();
        message.expires =
            Instant::now() + target.state().settings.seconds("MessageRetentionPeriod");
        kept(self.journal.moved_anew(target.name.clone(), id).await);
        target.put(message);
    }

    /// Ends a task. How many messages it has moved.
    pub(crate) fn cancel_move(&self, handle: &str) -> Result<i64, SqsError> {
        let mut tasks = self.moves.tasks();
        let missing = || SqsError::resource_not_found("Task does not exist.");
        let task = tasks.iter_mut().find(|task| task.handle == handle).ok_or_else(missing)?;
        if task.status != Status::Running {
            return Err(SqsError::invalid_parameter_value("Only active tasks can be cancelled."));
        }
        task.status = Status::Cancelling;
        Ok(task.moved)
    }

    /// The newest tasks of a queue.
    pub(crate) fn moves(
        &self,
        source_arn: &str,
        most: Option<i32>,
    ) -> Result<Vec<ListMessageMoveTasksResultEntry>, SqsError> {
        let most = usize::try_from(most.unwrap_or(1)).unwrap_or(1).min(10);
        self.by_arn(source_arn).map_err(|_| {
            SqsError::resource_not_found(
                "The resource that you specified for the SourceArn parameter doesn't exist.",
            )
        })?;
        let tasks = self.moves.tasks();
        Ok(tasks
            .iter()
            .filter(|task| task.source_arn == source_arn)
            .take(most)
            .map(shown)
            .collect())
    }
}

fn shown(task: &Task) -> ListMessageMoveTasksResultEntry {
    let is_running = task.status == Status::Running;
    ListMessageMoveTasksResultEntry {
        // AWS shows it of running tasks alone.
        task_handle: is_running.then(|| task.handle.clone()),
        source_arn: Some(task.source_arn.clone()),
        destination_arn: task.destination_arn.clone(),
        max_number_of_messages_per_second: task.rate,
        approximate_number_of_messages_moved: Some(task.moved),
        approximate_number_of_messages_to_move: Some(task.to_move),
        failure_reason: task.failure.clone(),
        status: Some(task.status.name().to_owned()),
        started_timestamp: Some(task.started),
    }
}
