//! Execution environments of the real consumers.

use crate::aws;
use crate::cloud::{Cloud, Pair};
use crate::consumers::{FIFO, gossiping, noticing, ordering, ringing, spending};
use crate::faults::Fault;
use crate::invocation::Caller;
use crate::services::{Services, Terminal};
use crate::tables;
use crate::time::EnvironmentClock;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use email::Mail;
use event_schema::{OrderPlaced, StoreEvent};
use fanfare::{Consumer, Host, NoEffect, Runtime};
use fanfare::{Payload, Timestamp};
use fanfare_bootstrap::Environment;
use read_models::sales::Shard;
use std::sync::Arc;

/// How often a message may fail: `MaxTries` in the template.
pub(crate) const MAX_TRIES: u32 = 8;

/// A running function: what AWS keeps between invocations.
pub(crate) struct Function {
    pub(crate) caller: Arc<Caller>,
    /// Whether it runs the build of before the deployment.
    pub(crate) is_old: bool,
    runtime: AnyRuntime,
}

enum AnyRuntime {
    Plain(Runtime<StoreEvent, NoEffect>),
    Mails(Runtime<StoreEvent, Mail>),
    Payments(Runtime<StoreEvent, payment::Request>),
    Rings(Runtime<OrderPlaced, String>),
    Ordered(Runtime<StoreEvent, NoEffect>),
    Orders(Runtime<OrderPlaced, NoEffect>),
}

impl Function {
    /// Starts an environment of a consumer, with a clock and a source of chance of its own.
    pub(crate) fn start(cloud: &Arc<Cloud>, services: &Services, name: &str, id: &str) -> Self {
        let skew = match cloud.faults.strike(Fault::ClockSkew) {
            true => cloud.faults.chance().draw(|random| random.i64(-300_000..=300_000)),
            false => 0,
        };
        let faults_are_on = cloud.faults.switch();
        let clock = EnvironmentClock { time: cloud.time, skew, faults_are_on };
        let caller = Caller::new(id.to_owned(), clock.clone(), true);
        let host = Host::simulated(clock, cloud.chance.draw(|random| random.u64(..)));
        let start = Start { cloud, caller: &caller, name, host };
        let runtime = match name {
            "inventory" => AnyRuntime::Plain(start.runtime(inventory::consumer())),
            "checkout" => AnyRuntime::Plain(start.runtime(checkout::consumer())),
            "shipping" => AnyRuntime::Plain(start.runtime(shipping::consumer())),
            "analytics" => {
                let shard = Shard::of(cloud.chance.draw(|random| random.u32(..)));
                AnyRuntime::Plain(start.runtime(analytics::consumer(shard)))
            }
            "views" => AnyRuntime::Plain(start.runtime(views::consumer())),
            "payment" => {
                let (gateway, by) = (Arc::clone(&services.gateway), Arc::clone(&caller));
                AnyRuntime::Payments(start.runtime(payment::consumer(Terminal { gateway, by })))
            }
            "ringing" => {
                let (bell, by) = (Arc::clone(&services.bell), Arc::clone(&caller));
                let ring = move |event| Arc::clone(&bell).ring(Arc::clone(&by), event);
                AnyRuntime::Rings(start.runtime(ringing(ring)))
            }
            "spending" => AnyRuntime::Orders(start.runtime(spending())),
            "noticing" => {
                let dies = Arc::clone(&caller);
                AnyRuntime::Orders(start.runtime(noticing(move || dies.die())))
            }
            "gossiping" => AnyRuntime::Orders(start.runtime(gossiping())),
            FIFO => {
                let cloud = Arc::clone(cloud);
                let fails = move || cloud.faults.strike(Fault::HandlerFails);
                AnyRuntime::Ordered(start.runtime(ordering(fails)))
            }
            _ => {
                let (mailbox, by) = (Arc::clone(&services.mailbox), Arc::clone(&caller));
                let send = move |mail| Arc::clone(&mailbox).send(Arc::clone(&by), mail);
                AnyRuntime::Mails(start.runtime(email::consumer(send)))
            }
        };
        Self { caller, is_old: !cloud.is_deployed(), runtime }
    }

    /// Handles a batch.
    pub(crate) async fn handle(&self, batch: SqsEvent, deadline: Timestamp) -> SqsBatchResponse {
        match &self.runtime {
            AnyRuntime::Plain(runtime) => runtime.handle(batch, deadline).await,
            AnyRuntime::Mails(runtime) => runtime.handle(batch, deadline).await,
            AnyRuntime::Payments(runtime) => runtime.handle(batch, deadline).await,
            AnyRuntime::Rings(runtime) => runtime.handle(batch, deadline).await,
            AnyRuntime::Ordered(runtime) => runtime.handle(batch, deadline).await,
            AnyRuntime::Orders(runtime) => runtime.handle(batch, deadline).await,
        }
    }
}

struct Start<'a> {
    cloud: &'a Arc<Cloud>,
    caller: &'a Arc<Caller>,
    name: &'a str,
    host: Host,
}

impl Start<'_> {
    fn runtime<P, Fx>(self, consumer: Consumer<P, Fx>) -> Runtime<P, Fx>
    where
        P: Payload + Send + 'static,
        Fx: Send + 'static,
    {
        let clients = aws::clients(self.cloud, self.caller);
        let environment = environment(self.cloud.pair(self.name));
        consumer.on(clients, &environment, self.host).expect("the environment is complete")
    }
}

/// A function's environment variables, as the template sets them, but that each knows of every table.
fn environment(pair: &Pair) -> Environment {
    let settings = [
        ("QUEUE_URL", aws::url(&pair.queue.name)),
        ("DEAD_LETTER_QUEUE_URL", aws::url(&pair.dead_letters.name)),
        ("MAX_TRIES", MAX_TRIES.to_string()),
    ];
    let tables = tables::VARIABLES.map(|(variable, table)| (variable, table.to_owned()));
    Environment::from_iter(settings.into_iter().chain(tables))
}
