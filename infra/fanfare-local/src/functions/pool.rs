//! The processes of one function: started when there is work and all are busy, used again and again.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use fanfare_loopback::Callers;
use serde_json::json;
use tokio::sync::{Mutex as AsyncMutex, Semaphore};
use tokio::time::Instant;

use super::output::Output;
use super::process::{Ending, Instance, Invocation};
use super::program::Program;
use super::runtime_api;
use super::watchdog::Watchdog;
use crate::statistics::{FunctionCounters, FunctionStatistics, process_statistics};
use crate::template::stack::Function;
use crate::usage::{Meter, UsageLine, real};
use crate::{http_server, shutdown};

/// How long a function that exits at its start is left alone, at first and at most.
const START_BACKOFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

/// Processes that are tried until one takes the invocation.
const PROCESSES_TRIED: u32 = 3;

/// Numbers processes across all functions.
static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);

/// What a pool needs to know about its runner.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Where the AWS services are.
    pub(crate) endpoint: String,
    pub(crate) region: String,
    pub(crate) echo: Option<fn(&str, &str)>,
}

/// What became of an invocation.
#[derive(Debug)]
pub(crate) enum Outcome {
    Answered(Bytes),
    /// The payload is the error as Lambda reports it: `errorType` and `errorMessage`.
    Failed {
        failure: Failure,
        payload: Bytes,
    },
}

/// Why an invocation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The function returned an error.
    Function,
    /// It took longer than its `Timeout`.
    TimedOut,
    /// Its process exited.
    Exited,
    /// Its process cannot be started.
    NotStarted,
    /// As many as may run are running, and none became free in time.
    Throttled,
}

/// What the access key that a function's process is given begins with; its function's name in the template follows.
pub(crate) const ACCESS_KEY: &str = "local_";

/// One function and its processes.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) function: Function,
    program: Program,
    settings: Settings,
    watchdog: Arc<Watchdog>,
    slots: Semaphore,
    /// Waiting for work; the one used last is used first, so that what is not needed stays idle.
    idle: Mutex<Vec<Arc<Instance>>>,
    running: Mutex<BTreeMap<u64, Arc<Instance>>>,
    starts: AsyncMutex<Starts>,
    output: Output,
    counters: FunctionCounters,
}

/// How the last starts went.
#[derive(Debug, Default)]
struct Starts {
    failures: u32,
    not_before: Option<Instant>,
}

impl Pool {
    pub(super) fn new(
        function: Function,
        program: Program,
        concurrency: usize,
        settings: Settings,
        watchdog: Arc<Watchdog>,
    ) -> Arc<Self> {
        Arc::new(Self {
            output: Output::new(&function.name, settings.echo),
            function,
            program,
            settings,
            watchdog,
            slots: Semaphore::new(concurrency),
            idle: Mutex::default(),
            running: Mutex::default(),
            starts: AsyncMutex::default(),
            counters: FunctionCounters::default(),
        })
    }

    /// Invokes the function. The invocation goes on to its end even if the caller does not wait for it.
    pub(crate) async fn invoke(self: &Arc<Self>, payload: Bytes) -> Outcome {
        let pool = self.clone();
        match tokio::spawn(async move { pool.invoke_to_the_end(payload).await }).await {
            Ok(outcome) => outcome,
            Err(ended) => failed(Failure::NotStarted, "Runtime.Unknown", &ended.to_string()),
        }
    }

    async fn invoke_to_the_end(self: &Arc<Self>, payload: Bytes) -> Outcome {
        let timeout = self.function.timeout;
        let slot =
            tokio::time::timeout(timeout.max(Duration::from_secs(1)), self.slots.acquire()).await;
        let Ok(Ok(_slot)) = slot else {
            return failed(Failure::Throttled, "TooManyRequestsException", "Rate Exceeded.");
        };
        let request_id = uuid::Uuid::new_v4().to_string();
        let invocation = Invocation { request_id: request_id.clone(), payload, timeout };
        self.counters.invocations.fetch_add(1, Ordering::Relaxed);
        for _ in 0..PROCESSES_TRIED {
            let instance = match self.take_idle() {
                Some(instance) => instance,
                None => match self.start().await {
                    Ok(instance) => instance,
                    Err(error) => {
                        let reason = format!(
                            "{} cannot be started: {error}",
                            self.program.command.display()
                        );
                        return self.never_ready(&reason, &request_id).await;
                    }
                },
            };
            let begun = Instant::now();
            let ending = instance.run(invocation.clone()).await;
            self.counters.worked(begun.elapsed());
            let message = match ending {
                Ending::Answered(answer) => {
                    self.is_ready(instance).await;
                    return Outcome::Answered(answer);
                }
                Ending::Failed(payload) => {
                    self.is_ready(instance).await;
                    self.counters.errors.fetch_add(1, Ordering::Relaxed);
                    return Outcome::Failed { failure: Failure::Function, payload };
                }
                Ending::NotBegun => continue,
                Ending::NeverReady(status) => return self.never_ready(&status, &request_id).await,
                Ending::TimedOut => {
                    self.counters.timeouts.fetch_add(1, Ordering::Relaxed);
                    let message =
                        format!("Task timed out after {:.2} seconds", timeout.as_secs_f64());
                    tracing::warn!(function = self.function.name, request_id, "{message}");
                    let message = format!("RequestId: {request_id} Error: {message}");
                    return failed(Failure::TimedOut, "Sandbox.Timedout", &message);
                }
                Ending::Exited(status) => {
                    self.counters.crashes.fetch_add(1, Ordering::Relaxed);
                    // A stopping runner ends its processes itself.
                    if !self.slots.is_closed() {
                        let last_words = self.output.last_words();
                        let function = &self.function.name;
                        tracing::error!(function, request_id, last_words, "crashed ({status})");
                    }
                    format!("RequestId: {request_id} Error: Runtime exited with error: {status}")
                }
            };
            return failed(Failure::Exited, "Runtime.ExitError", &message);
        }
        failed(
            Failure::Exited,
            "Runtime.ExitError",
            &format!("RequestId: {request_id} Error: no process stayed"),
        )
    }

    async fn is_ready(&self, instance: Arc<Instance>) {
        {
            let mut idle = lock(&self.idle);
            // Looked at under the lock, so that none slips in behind `replace`.
            match instance.is_outdated() {
                true => instance.kill(),
                false => idle.push(instance),
            }
        }
        let mut starts = self.starts.lock().await;
        if starts.failures > 0 {
            *starts = Starts::default();
        }
    }

    /// The start failed: the next one has to wait, longer each time.
    async fn never_ready(&self, status: &str, request_id: &str) -> Outcome {
        let mut starts = self.starts.lock().await;
        let (first, longest) = START_BACKOFF;
        let pause = first.saturating_mul(2_u32.saturating_pow(starts.failures)).min(longest);
        starts.failures += 1;
        starts.not_before = Some(Instant::now() + pause);
        self.counters.crashes.fetch_add(1, Ordering::Relaxed);
        if !self.slots.is_closed() {
            let last_words = self.output.last_words();
            let again = format!("it is tried again in {pause:?} at the earliest");
            tracing::error!(
                function = self.function.name,
                last_words,
                "does not start ({status}); {again}"
            );
        }
        let message = format!(
            "RequestId: {request_id} Error: Runtime exited without providing a reason: {status}"
        );
        failed(Failure::NotStarted, "Runtime.ExitError", &message)
    }

    fn take_idle(&self) -> Option<Arc<Instance>> {
        let mut idle = lock(&self.idle);
        std::iter::from_fn(|| idle.pop()).find(|instance| !instance.has_exited())
    }

    async fn start(self: &Arc<Self>) -> std::io::Result<Arc<Instance>> {
        let not_before = self.starts.lock().await.not_before;
        if let Some(not_before) = not_before {
            tokio::time::sleep_until(not_before).await;
        }
        let (listener, runtime_api) = runtime_api::listen().await?;
        let number = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);
        let pool = Arc::downgrade(self);
        let (stopper, stop) = shutdown::channel();
        let on_exit = move || {
            stopper.stop();
            if let Some(pool) = pool.upgrade() {
                pool.is_gone(number);
            }
        };
        let environment = self.environment(runtime_api, number);
        let instance = Instance::start(&self.program, environment, &self.output, on_exit)?;
        let arn: Arc<str> = self.function.arn.as_str().into();
        let served = instance.clone();
        let handler = move |request| runtime_api::handle(served.clone(), arn.clone(), request);
        let callers = Callers::who_know(runtime_api);
        tokio::spawn(http_server::serve(listener, callers, handler, stop));
        self.watchdog.began(instance.pid);
        lock(&self.running).insert(number, instance.clone());
        if instance.has_exited() {
            // It was removed before it was added.
            self.is_gone(number);
        }
        self.counters.starts.fetch_add(1, Ordering::Relaxed);
        Ok(instance)
    }

    fn is_gone(&self, number: u64) {
        if let Some(instance) = lock(&self.running).remove(&number) {
            self.watchdog.ended(instance.pid);
        }
    }

    /// What Lambda puts into a function's environment, the template's variables, and of the operator's own
    /// environment only what helps to see inside.
    fn environment(&self, runtime_api: SocketAddr, number: u64) -> Vec<(OsString, OsString)> {
        let Function { name, memory_mb, environment, runtime, handler, .. } = &self.function;
        let Settings { endpoint, region, .. } = &self.settings;
        let inherited = std::env::vars_os().filter(|(name, _)| {
            let name = name.to_string_lossy();
            matches!(&*name, "PATH" | "RUST_LOG" | "RUST_BACKTRACE") || name.starts_with("OTEL_")
        });
        let own: [(&str, String); 19] = [
            ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory_mb.to_string()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
            ("AWS_LAMBDA_LOG_STREAM_NAME", format!("local/[$LATEST]{number}")),
            ("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", runtime.name())),
            ("AWS_REGION", region.clone()),
            ("AWS_DEFAULT_REGION", region.clone()),
            ("AWS_ACCESS_KEY_ID", format!("{ACCESS_KEY}{}", self.function.logical_id)),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("AWS_SESSION_TOKEN", "local".to_owned()),
            ("AWS_ENDPOINT_URL", endpoint.clone()),
            ("LAMBDA_TASK_ROOT", self.program.folder.display().to_string()),
            ("_HANDLER", if handler.is_empty() { "bootstrap" } else { handler }.to_owned()),
            ("LANG", "en_US.UTF-8".to_owned()),
            // The function's own folder: what lies in a folder for everybody, such as /tmp/.aws/config, is nobody's word.
            ("HOME", self.program.folder.display().to_string()),
            ("TZ", ":UTC".to_owned()),
        ];
        let own = own.into_iter().map(|(name, value)| (name.into(), value.into()));
        let from_template = environment.iter().map(|(name, value)| (name.into(), value.into()));
        inherited.chain(own).chain(from_template).collect()
    }

    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// The program is another one now: what waits for work ends, what works ends after that, and the next invocation starts
    /// the new one.
    pub(crate) async fn replace(&self) {
        // A program that did not start before may start now.
        *self.starts.lock().await = Starts::default();
        let mut idle = lock(&self.idle);
        lock(&self.running).values().for_each(|instance| instance.set_outdated());
        idle.drain(..).for_each(|instance| instance.kill());
    }

    /// Ends every process, and waits until they are gone.
    pub(crate) async fn stop(&self) {
        self.slots.close();
        let running: Vec<_> = lock(&self.running).values().cloned().collect();
        running.iter().for_each(|instance| instance.kill());
        for instance in running {
            instance.gone().await;
        }
    }

    /// What Lambda would bill for it, and CloudWatch for what it logged. Time is this machine's.
    pub(crate) fn usage(&self) -> [UsageLine; 3] {
        let Function { logical_id, memory_mb, is_arm, .. } = &self.function;
        let statistics = self.counters.read(&self.function, Vec::new());
        let time = if *is_arm { Meter::LambdaGbSecondsArm } else { Meter::LambdaGbSecondsX86 };
        let gb_seconds = real(statistics.billed_ms) / 1e3 * f64::from(*memory_mb) / 1024.0;
        let line = |meter, amount| UsageLine::new(logical_id, meter, logical_id, amount);
        [
            line(Meter::LambdaRequests, real(statistics.invocations)),
            line(time, gb_seconds),
            line(Meter::LogBytes, real(self.output.logged())),
        ]
    }

    pub(crate) fn statistics(&self) -> FunctionStatistics {
        let processes =
            lock(&self.running).values().map(|instance| process_statistics(instance.pid)).collect();
        self.counters.read(&self.function, processes)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        lock(&self.running).values().for_each(|instance| instance.kill());
    }
}

/// A panic of another holder leaves these collections whole, since each change to them is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn failed(failure: Failure, error_type: &str, message: &str) -> Outcome {
    let payload = json!({"errorType": error_type, "errorMessage": message}).to_string();
    Outcome::Failed { failure, payload: payload.into() }
}
