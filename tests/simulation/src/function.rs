//! Execution environments of the real consumers.

use crate::aws;
use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::invocation::Caller;
use crate::mailbox::Mailbox;
use crate::queues::MAX_RECEIVE_COUNT;
use crate::tables;
use crate::time::EnvironmentClock;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use composition::Environment;
use consumer::{Consumer, NoEffect, Runtime, Surroundings};
use email::Mail;
use event_schema::{OrderPlaced, Payload, StoreEvent, Timestamp};
use std::sync::Arc;

/// A running function: what AWS keeps between invocations.
pub(crate) struct Function {
    pub(crate) caller: Arc<Caller>,
    runtime: AnyRuntime,
}

enum AnyRuntime {
    OfOrders(Runtime<OrderPlaced, NoEffect>),
    OfEmail(Runtime<StoreEvent, Mail>),
}

impl Function {
    /// Starts an environment of a consumer, with a clock and a source of chance of its own.
    pub(crate) fn start(cloud: &Arc<Cloud>, mailbox: &Arc<Mailbox>, name: &str, id: &str) -> Self {
        let skew = match cloud.faults.strike(Fault::ClockSkew) {
            true => cloud.faults.chance().draw(|random| random.i64(-300_000..=300_000)),
            false => 0,
        };
        let faults_are_on = cloud.faults.switch();
        let clock = EnvironmentClock { time: cloud.time, skew, faults_are_on };
        let caller = Caller::new(id.to_owned(), clock.clone(), true);
        let surroundings =
            Surroundings::simulated(clock, cloud.chance.draw(|random| random.u64(..)));
        let start = Start { cloud, caller: &caller, name, surroundings };
        let runtime = match name {
            "inventory" => AnyRuntime::OfOrders(start.runtime(inventory::consumer())),
            "shipping" => AnyRuntime::OfOrders(start.runtime(shipping::consumer())),
            "analytics" => AnyRuntime::OfOrders(start.runtime(analytics::consumer())),
            _ => {
                let (mailbox, sender) = (Arc::clone(mailbox), Arc::clone(&caller));
                let send = move |mail| Arc::clone(&mailbox).send(Arc::clone(&sender), mail);
                AnyRuntime::OfEmail(start.runtime(email::consumer(send)))
            }
        };
        Self { caller, runtime }
    }

    /// Handles a batch.
    pub(crate) async fn handle(&self, batch: SqsEvent, deadline: Timestamp) -> SqsBatchResponse {
        match &self.runtime {
            AnyRuntime::OfOrders(runtime) => runtime.handle(batch, deadline).await,
            AnyRuntime::OfEmail(runtime) => runtime.handle(batch, deadline).await,
        }
    }
}

struct Start<'a> {
    cloud: &'a Arc<Cloud>,
    caller: &'a Arc<Caller>,
    name: &'a str,
    surroundings: Surroundings,
}

impl Start<'_> {
    fn runtime<P, Fx>(self, consumer: Consumer<P, Fx>) -> Runtime<P, Fx>
    where
        P: Payload + Send + 'static,
        Fx: Send + 'static,
    {
        let clients = aws::clients(self.cloud, self.caller);
        let environment = environment(self.name);
        consumer.on(clients, &environment, self.surroundings).expect("the environment is complete")
    }
}

/// A function's environment variables, as the template sets them.
fn environment(name: &str) -> Environment {
    let shared = [
        ("QUEUE_URL", aws::url(name)),
        ("DEAD_LETTER_QUEUE_URL", aws::url(&format!("{name}-dead-letters"))),
        ("MAX_RECEIVE_COUNT", MAX_RECEIVE_COUNT.to_string()),
        ("LEDGER_TABLE", tables::LEDGER.to_owned()),
    ];
    let tables: &[(&str, &str)] = match name {
        "inventory" => &[("STOCK_TABLE", tables::STOCK), ("EVENTS_TABLE", tables::EVENTS)],
        "shipping" => &[("SHIPMENTS_TABLE", tables::SHIPMENTS), ("EVENTS_TABLE", tables::EVENTS)],
        "analytics" => &[("SALES_TABLE", tables::SALES)],
        _ => &[("EMAIL_TABLE", tables::EMAIL)],
    };
    let tables = tables.iter().map(|(name, table)| (*name, (*table).to_owned()));
    Environment::from_iter(shared.into_iter().chain(tables))
}
