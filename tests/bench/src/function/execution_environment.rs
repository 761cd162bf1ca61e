//! One execution environment: a function process, its Runtime API, and DynamoDB.

use super::dynamodb::DynamoDb;
use super::process::Process;
use super::processors;
use super::runtime_api::RuntimeApi;
use super::subject::Subject;
use super::tables;
use super::tally::Tally;
use super::throttle::Throttle;
use super::workload::{SKUS, Workload};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use system_tests::program;

/// Pieces of each SKU: more than are ordered.
const PIECES: u64 = 1_000_000_000;
/// Batches before those that are measured.
const WARM_UP: usize = 30;

pub(crate) struct ExecutionEnvironment {
    runtime_api: RuntimeApi,
    dynamodb: DynamoDb,
    process: Process,
    workload: Workload,
    started: Instant,
}

/// What some batches took.
pub(crate) struct Consumption {
    pub(crate) messages: f64,
    pub(crate) time: Duration,
    /// User and system.
    pub(crate) cpu_seconds: f64,
    pub(crate) tally: Tally,
}

impl ExecutionEnvironment {
    /// Starts a function, on the functions' CPU.
    pub(crate) async fn start(subject: Subject) -> Self {
        Self::start_selling(subject, SKUS).await
    }

    /// Starts a function of a store with so many SKUs.
    pub(crate) async fn start_selling(subject: Subject, skus: usize) -> Self {
        let command = Command::new(program(subject.program()));
        Self::start_program(command, skus, None).await
    }

    /// Starts a function with a part of its CPU.
    pub(crate) async fn start_throttled(subject: Subject, throttle: &Throttle) -> Self {
        let command = Command::new(program(subject.program()));
        Self::start_program(command, SKUS, Some(throttle)).await
    }

    /// Starts a function under the allocator that counts.
    pub(crate) async fn start_counting(subject: Subject) -> Self {
        let mut command = Command::new(program("count-allocations"));
        command.arg(subject.program()).stdin(Stdio::piped()).stderr(Stdio::piped());
        Self::start_program(command, SKUS, None).await
    }

    async fn start_program(mut command: Command, skus: usize, throttle: Option<&Throttle>) -> Self {
        let workload = Workload::new(skus);
        let runtime_api = RuntimeApi::start().await;
        let dynamodb = DynamoDb::start(tables::create(workload.skus(), PIECES)).await;
        let endpoint = format!("http://{}", dynamodb.server.address);
        command
            .env_clear()
            .envs(ENVIRONMENT)
            .env("AWS_LAMBDA_RUNTIME_API", runtime_api.server.address.to_string())
            .env("AWS_ENDPOINT_URL", endpoint)
            .stdout(Stdio::piped());
        let mut spawn = || (Instant::now(), command.spawn().expect("the function starts"));
        let (started, child) = processors::on_the_functions(|| match throttle {
            Some(throttle) => throttle.within(spawn),
            None => spawn(),
        });
        let process = Process::new(child);
        Self { runtime_api, dynamodb, process, workload, started }
    }

    /// The time from the start of the process until it asks for work.
    pub(crate) async fn first_poll(&mut self) -> Duration {
        self.runtime_api.polled().await - self.started
    }

    /// Processor time so far, while the process has one thread.
    pub(crate) fn cpu_seconds_of_start(&self) -> f64 {
        self.process.cpu_seconds_of_main_thread()
    }

    /// Has the function handle batches of this size that come to about so many messages, after some that are
    /// not counted. Checks what it wrote.
    pub(crate) async fn work(&mut self, batch: usize, messages: usize) -> Consumption {
        self.warm_up(batch).await;
        let batches = self.workload.batches(messages / batch, batch);
        let cpu = self.process.cpu_seconds();
        let tally = self.dynamodb.tally();
        let time = self.runtime_api.handle(&batches).await;
        Consumption {
            messages: (batches.len() * batch) as f64,
            time,
            cpu_seconds: self.process.cpu_seconds() - cpu,
            tally: self.dynamodb.tally().since(&tally),
        }
    }

    async fn warm_up(&mut self, batch: usize) {
        let batches = self.workload.batches(WARM_UP, batch);
        self.runtime_api.handle(&batches).await;
    }

    /// Allocations, and bytes allocated, a message, in batches of this size.
    pub(crate) async fn allocations(&mut self, batch: usize, batches: usize) -> (f64, f64) {
        self.warm_up(batch).await;
        let work = self.workload.batches(batches, batch);
        let before = self.process.allocated();
        self.runtime_api.handle(&work).await;
        let after = self.process.allocated();
        let messages = (batches * batch) as f64;
        ((after.0 - before.0) / messages, (after.1 - before.1) / messages)
    }

    /// The most memory that the process had, in MiB.
    pub(crate) fn peak_memory(&self) -> f64 {
        self.process.peak_memory()
    }

    /// Checks that every order was reserved, and once.
    ///
    /// # Panics
    /// When not.
    pub(crate) fn assert_exactly_once(&self) {
        let reserved = tables::reserved(self.dynamodb.database());
        assert_eq!(reserved, self.workload.pieces(), "pieces set aside and pieces ordered");
    }
}

/// What Lambda and the template put into a function's environment.
const ENVIRONMENT: [(&str, &str); 15] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_ACCESS_KEY_ID", "bench"),
    ("AWS_SECRET_ACCESS_KEY", "bench"),
    ("QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/000000000000/queue"),
    ("DEAD_LETTER_QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/000000000000/letters"),
    ("LEDGER_TABLE", tables::LEDGER),
    ("EVENTS_TABLE", tables::EVENTS),
    ("STOCK_TABLE", tables::STOCK),
    ("ORDERS_TABLE", tables::ORDERS),
];
