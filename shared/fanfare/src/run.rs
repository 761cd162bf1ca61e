//! The Lambda function around a consumer.

use crate::batch::Runtime;
use crate::brake::Brake;
use crate::commit::Committer;
use crate::recent::Recent;
use crate::returns::Returns;
use crate::spans::Spans;
use crate::tables::Tables;
use crate::{Consumer, Failure, NoEffect, Surroundings, Work};
use aws_lambda_events::sqs::SqsEvent;
use fanfare_bootstrap::{Environment, ErrorChain, SettingError};
use fanfare_event::{Event, Payload, Timestamp};
use fanfare_event_store::EventStore;
use futures_util::FutureExt;
use lambda_runtime::{LambdaEvent, service_fn};
use std::convert::Infallible;
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

/// The AWS clients that a consumer works with.
#[derive(Debug, Clone)]
pub struct Clients {
    /// For the ledger, the consumer's own tables and the event store.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// For the queue.
    pub sqs: aws_sdk_sqs::Client,
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
    /// Reads from the environment: `LEDGER_TABLE`, `QUEUE_URL`, `AWS_REGION`; `DEAD_LETTER_QUEUE_URL`, without
    /// which a message that can't be handled uses up its receive count first; `EVENTS_TABLE` if the handler
    /// emits events; `MAX_RECEIVE_COUNT` (5 when absent); every other `*_TABLE` that the handler names;
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` for spans, with what [`SpanExporter`](fanfare_bootstrap::SpanExporter) honours.
    ///
    /// # Errors
    /// When a setting is missing or malformed, or the Lambda runtime API can't be reached.
    pub async fn run(self) -> Result<(), Error> {
        let environment = Environment::of_process();
        fanfare_bootstrap::init_logging(&environment)?;
        let runtime = self.runtime(&environment).await?;
        let handle = |batch: LambdaEvent<SqsEvent>| {
            let runtime = &runtime;
            async move {
                let deadline = deadline(batch.context.deadline);
                let invocation = Some(batch.context.request_id);
                let handled = runtime.handle_traced(batch.payload, deadline, invocation);
                Ok::<_, Infallible>(handled.boxed_local().await)
            }
        };
        lambda_runtime::run(service_fn(handle)).await.map_err(|e| Error::from_chain(&*e))
    }

    async fn runtime(self, environment: &Environment) -> Result<Runtime<P, Fx>, Error> {
        let config = fanfare_bootstrap::aws_config(environment).await?;
        let clients = Clients {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
        };
        Ok(self.on(clients, environment, Surroundings::real())?)
    }

    /// The consumer on clients, settings, a clock and a source of chance of one's own: how a simulation
    /// runs it. The settings are those of [`run`](Self::run).
    ///
    /// # Errors
    /// [`SettingError`] when a setting is missing or malformed.
    pub fn on(
        self,
        clients: Clients,
        environment: &Environment,
        surroundings: Surroundings,
    ) -> Result<Runtime<P, Fx>, SettingError> {
        let Clients { dynamodb, sqs } = clients;
        let event_store =
            environment.optional("EVENTS_TABLE").map(|t| EventStore::new(dynamodb.clone(), t));
        let max_receive_count =
            environment.parsed("MAX_RECEIVE_COUNT", DEFAULT_MAX_RECEIVE_COUNT)?;
        let function = environment.optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or(self.name);
        Ok(Runtime {
            function: function.to_owned(),
            committer: Committer {
                client: dynamodb,
                ledger: environment.required("LEDGER_TABLE")?.to_owned(),
                tables: Tables::from(environment),
                event_store,
                consumer: self.name,
                surroundings,
            },
            returns: Returns {
                client: sqs,
                consumer: self.name,
                queue_url: environment.required("QUEUE_URL")?.to_owned(),
                dead_letter_queue_url: environment
                    .optional("DEAD_LETTER_QUEUE_URL")
                    .map(str::to_owned),
            },
            brake: Brake::default(),
            recent: Recent::default(),
            spans: Spans::from_environment(environment),
            consumer: self,
            max_receive_count,
        })
    }
}

fn deadline(since_1970_ms: u64) -> Timestamp {
    let ms = i64::try_from(since_1970_ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}
