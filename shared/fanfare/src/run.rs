//! The Lambda function around a consumer.

use crate::batch::Runtime;
use crate::circuit_breaker::CircuitBreakers;
use crate::committer::Committer;
use crate::deduplication::Applied;
use crate::heads::Heads;
use crate::queue::Queue;
use crate::spans::Spans;
use crate::tables::Tables;
use crate::{Consumer, Error, Failure, Host, NoEffect, Work};
use aws_lambda_events::sqs::SqsEvent;
use fanfare_bootstrap::Environment;
use fanfare_event::{Event, Payload, Timestamp};
use fanfare_event_store::EventStore;
use futures_util::FutureExt;
use lambda_runtime::{LambdaEvent, service_fn};
use std::convert::Infallible;
use std::future::Future;

/// How often a message is tried, when the environment does not say.
const DEFAULT_MAX_TRIES: u32 = 8;

/// The AWS clients that a consumer works with.
///
/// ```
/// use fanfare::Clients;
/// use fanfare::aws::{aws_sdk_dynamodb, aws_sdk_sqs};
///
/// /// Clients of an AWS on this machine.
/// fn local(url: &str) -> Clients {
///     let dynamodb = aws_sdk_dynamodb::Config::builder()
///         .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
///         .endpoint_url(url)
///         .build();
///     let sqs = aws_sdk_sqs::Config::builder()
///         .behavior_version(aws_sdk_sqs::config::BehaviorVersion::latest())
///         .endpoint_url(url)
///         .build();
///     Clients {
///         dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb),
///         sqs: aws_sdk_sqs::Client::from_conf(sqs),
///     }
/// }
/// # drop(local("http://127.0.0.1:4566"));
/// ```
#[derive(Debug, Clone)]
pub struct Clients {
    /// For the ledger, the consumer's own tables and the event store.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// For the queue.
    pub sqs: aws_sdk_sqs::Client,
}

/// Runs a consumer whose handler needs the event alone and writes to no table; see [`Consumer::new`] and
/// [`Consumer::run`].
///
/// ```no_run
/// use fanfare::{Event, Failure, Work};
/// # #[fanfare::event(stream = "room-{room}", correlation = room)]
/// # pub struct TemperatureMeasured { pub room: String, pub celsius: i64 }
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() -> Result<(), fanfare::Error> {
///     fanfare::run("listening", listen).await
/// }
///
/// async fn listen(measured: Event<TemperatureMeasured>) -> Result<Work, Failure> {
///     Ok(Work::did(format!("heard of {} degrees", measured.payload.celsius)))
/// }
/// ```
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
    /// Starts logging, builds the clients once, checks that the tables are there, and takes batches from Lambda until it
    /// ends the process.
    ///
    /// Reads from the environment: `LEDGER_TABLE`, `QUEUE_URL`, `AWS_REGION`; `DEAD_LETTER_QUEUE_URL`, without
    /// which a message that can't be handled comes back until its queue gives it up; `EVENTS_TABLE` if the consumer
    /// [announces](Self::announces) events; `MAX_TRIES` (8 when absent): how often a message may fail; every other `*_TABLE`
    /// that it [uses](Self::tables); `AWS_LAMBDA_FUNCTION_NAME` for its metrics;
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` for spans, with what [`SpanExporter`](fanfare_bootstrap::SpanExporter) honours.
    ///
    /// The runtime counts tries itself, in the ledger, since being held back while a dependency is out of order counts as a
    /// receive in SQS. So the queue's `maxReceiveCount` must not come before it: 1000, the most that SQS takes.
    ///
    /// # Errors
    /// [`Error`]: when a setting is missing or malformed, a table is not there, or the Lambda runtime API can't be
    /// reached. Returned from `main` it is one line that names the variable and the remedy.
    pub async fn run(self) -> Result<(), Error> {
        let environment = Environment::of_process();
        fanfare_bootstrap::init_logging(&environment)?;
        let runtime = self.runtime(&environment).await?;
        runtime.check().await?;
        let handle = |batch: LambdaEvent<SqsEvent>| {
            let runtime = &runtime;
            async move {
                let deadline = deadline(batch.context.deadline);
                let invocation = Some(batch.context.request_id);
                let handled = runtime.handle_traced(batch.payload, deadline, invocation);
                Ok::<_, Infallible>(handled.boxed_local().await)
            }
        };
        lambda_runtime::run(service_fn(handle)).await.map_err(Error::Lambda)
    }

    async fn runtime(self, environment: &Environment) -> Result<Runtime<P, Fx>, Error> {
        let config = fanfare_bootstrap::aws_config(environment).await?;
        let clients = Clients {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
        };
        self.on(clients, environment, Host::real())
    }

    /// The consumer on clients, settings and a [`Host`] of one's own: how a simulation runs it. The settings are those of
    /// [`run`](Self::run). Asks nobody; [`Runtime::check`] does.
    ///
    /// # Errors
    /// [`Error::Setting`] when a setting is missing or malformed, [`Error::TableNotSet`] when it is a table of the
    /// consumer's.
    pub fn on(
        self,
        clients: Clients,
        environment: &Environment,
        host: Host,
    ) -> Result<Runtime<P, Fx>, Error> {
        self.check_variables(environment)?;
        let Clients { dynamodb, sqs } = clients;
        let event_store =
            environment.optional("EVENTS_TABLE").map(|t| EventStore::new(dynamodb.clone(), t));
        let max_tries = environment.parsed("MAX_TRIES", DEFAULT_MAX_TRIES)?;
        let function = environment.optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or(self.name);
        Ok(Runtime {
            function: function.to_owned(),
            committer: Committer {
                client: dynamodb,
                ledger: environment.required("LEDGER_TABLE")?.to_owned(),
                tables: Tables::from(environment),
                event_store,
                heads: Heads::default(),
                consumer: self.name,
                host,
            },
            queue: Queue {
                client: sqs,
                consumer: self.name,
                url: environment.required("QUEUE_URL")?.to_owned(),
                dead_letter_queue_url: environment
                    .optional("DEAD_LETTER_QUEUE_URL")
                    .map(str::to_owned),
            },
            breakers: CircuitBreakers::default(),
            applied: Applied::default(),
            spans: Spans::from_environment(environment),
            consumer: self,
            max_tries,
        })
    }
}

fn deadline(since_1970_ms: u64) -> Timestamp {
    let ms = i64::try_from(since_1970_ms).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
}
