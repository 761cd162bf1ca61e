//! The Lambda function around a consumer.

use crate::batch::Runtime;
use crate::commit::Committer;
use crate::message::Message;
use crate::retry::Retrier;
use crate::tables::Tables;
use crate::{Consumer, Failure, NoEffect, Work};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use composition::{Environment, ErrorChain, SettingError};
use event_schema::{Event, Payload, Timestamp};
use event_store::EventStore;
use lambda_runtime::{LambdaEvent, service_fn};
use std::fmt;
use std::future::Future;

/// SQS's smallest sensible `maxReceiveCount`, taken when the environment does not say.
const DEFAULT_MAX_RECEIVE_COUNT: u32 = 5;

/// Why a function could not start, or stopped. Its `Debug` form, which is what a `main` that returns it
/// prints, is the error and its causes in one line.
pub struct Error(String);

impl Error {
    fn from_chain(error: &(dyn std::error::Error + 'static)) -> Self {
        Self(ErrorChain(error).to_string())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<SettingError> for Error {
    fn from(error: SettingError) -> Self {
        Self::from_chain(&error)
    }
}

/// Runs a consumer whose handler needs the event alone; see [`Consumer::new`] and [`Consumer::run`].
///
/// # Errors
/// As [`Consumer::run`].
pub async fn run<P, H, F>(name: &'static str, handler: H) -> Result<(), Error>
where
    P: Payload + Send + 'static,
    H: Fn(Event<P>) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Work<NoEffect>, Failure>> + Send + 'static,
{
    Consumer::new(name, handler).run().await
}

impl<P, Fx> Consumer<P, Fx>
where
    P: Payload + Send + 'static,
    Fx: Send + 'static,
{
    /// Starts logging, builds the clients once, and takes batches from Lambda until it ends the process.
    ///
    /// Reads from the environment: `LEDGER_TABLE`, `QUEUE_URL`, `AWS_REGION`; `EVENTS_TABLE` if the handler
    /// emits events; `MAX_RECEIVE_COUNT` (5 when absent); every other `*_TABLE` that the handler names.
    ///
    /// # Errors
    /// When a setting is missing or malformed, or the Lambda runtime API can't be reached.
    pub async fn run(self) -> Result<(), Error> {
        let environment = Environment::of_process();
        composition::init_logging(&environment)?;
        let runtime = self.runtime(&environment).await?;
        let handle = |batch: LambdaEvent<SqsEvent>| {
            let runtime = &runtime;
            async move {
                let deadline = deadline(batch.context.deadline);
                let messages = batch.payload.records.into_iter().map(Message::from).collect();
                let failed = runtime.process(messages, deadline).await;
                Ok::<_, std::convert::Infallible>(response(failed))
            }
        };
        lambda_runtime::run(service_fn(handle)).await.map_err(|e| Error::from_chain(&*e))
    }

    async fn runtime(self, environment: &Environment) -> Result<Runtime<P, Fx>, Error> {
        let ledger = environment.required("LEDGER_TABLE")?.to_owned();
        let queue_url = environment.required("QUEUE_URL")?.to_owned();
        let max_receive_count =
            environment.parsed("MAX_RECEIVE_COUNT", DEFAULT_MAX_RECEIVE_COUNT)?;
        let config = composition::aws_config(environment).await?;
        let client = aws_sdk_dynamodb::Client::new(&config);
        let event_store =
            environment.optional("EVENTS_TABLE").map(|t| EventStore::new(client.clone(), t));
        let consumer = self.name;
        Ok(Runtime {
            consumer: self,
            committer: Committer {
                client,
                ledger,
                tables: Tables::from(environment),
                event_store,
                consumer,
            },
            retrier: Retrier { client: aws_sdk_sqs::Client::new(&config), queue_url },
            max_receive_count,
        })
    }
}

fn deadline(since_1970_ms: u64) -> Timestamp {
    let ms = i64::try_from(since_1970_ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}

fn response(failed: Vec<String>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    response.set_failures(failed);
    response
}
