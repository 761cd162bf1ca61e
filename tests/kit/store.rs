//! The store that a test runs on.

use crate::mailbox::{self, Mail};
use crate::process::{Process, kill};
use crate::stack::Stack;
use crate::{Answer, Aws, Client, eventually};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::ExitStatus;
use tokio::sync::{Mutex, MutexGuard};

/// Tests that share a deployed stack compare what it holds before and after, so they take turns.
static TURN: Mutex<()> = Mutex::const_new(());

/// The running store.
#[derive(Debug)]
pub struct Store {
    host: Host,
    /// The HTTP API, as staff calls it; of a deployed stack, as a program does that IAM lets in.
    pub api: Client,
    /// The AWS services.
    pub aws: Aws,
    /// The endpoint's own pages, such as the runner's statistics.
    pub runner: Client,
    /// The SKUs that have a price by now.
    priced: Mutex<BTreeSet<String>>,
}

#[derive(Debug)]
enum Host {
    Here(Box<Process>),
    Deployed { _turn: MutexGuard<'static, ()> },
}

impl Store {
    /// A store for a test that holds anywhere: the stack that `FANFARE_STACK` describes ([`Stack`]), or else one that is
    /// started here. `parameters` are the template's, such as `MaxTries=5`.
    ///
    /// # Panics
    /// When the deployed stack has other parameters, or the store here does not become ready.
    pub async fn given(parameters: &[&str]) -> Self {
        match Stack::given() {
            Some(stack) => Self::deployed(&stack, parameters).await,
            None => {
                let arguments = parameters.iter().flat_map(|parameter| ["--parameter", parameter]);
                Self::start(&arguments.collect::<Vec<_>>()).await
            }
        }
    }

    async fn deployed(stack: &Stack, parameters: &[&str]) -> Self {
        for parameter in parameters {
            assert!(stack.has_parameter(parameter), "the stack must be deployed with {parameter}");
        }
        let turn = TURN.lock().await;
        let aws = Aws::of(stack).await;
        Self {
            host: Host::Deployed { _turn: turn },
            api: api_of(stack, &aws).await,
            runner: Client::new(aws.endpoint()),
            priced: Mutex::default(),
            aws,
        }
    }

    /// Starts the store on free ports by `fanfare store up`, without the demo.
    ///
    /// # Panics
    /// When it does not become ready.
    pub async fn start(arguments: &[&str]) -> Self {
        let fixed = ["store", "up", "--no-demo", "--port", "0", "--api-port", "0"];
        let mut process = Process::start(&[&fixed, arguments].concat());
        let ready = process.line().await;
        let url = |label: &str| {
            let after = ready.split_once(label).map(|(_, rest)| rest.split_whitespace().next());
            after.flatten().unwrap_or_else(|| panic!("not ready: {ready:?}")).to_owned()
        };
        let endpoint = url("AWS endpoint ");
        let runner = Client::new(&endpoint);
        let staff = json!({"subject": "staff", "scopes": ["staff"]});
        Self {
            host: Host::Here(Box::new(process)),
            api: Client::new(url("HTTP API ")).with_token(&token(&runner, &staff).await),
            aws: Aws::at(&endpoint).await,
            priced: Mutex::default(),
            runner,
        }
    }

    /// The HTTP API, as a customer calls it.
    ///
    /// # Panics
    /// When the runner gives no token.
    pub async fn api_of(&self, customer: &str) -> Client {
        self.api.with_token(&self.token(json!({"subject": customer})).await)
    }

    /// A token of the runner's issuer: `subject`, and if need be `scopes` and `claims`.
    ///
    /// # Panics
    /// When the runner gives none.
    pub async fn token(&self, holder: Value) -> String {
        token(&self.runner, &holder).await
    }

    /// Ends it by SIGTERM, and gives what its process left.
    pub async fn stop(self) -> (ExitStatus, String, String) {
        let Host::Here(process) = self.host else { panic!("a deployed stack is not ours to stop") };
        process.signal("TERM").await;
        process.end().await
    }

    /// The `fanfare` process.
    ///
    /// # Panics
    /// When the store is a deployed stack.
    pub fn process(&self) -> &Process {
        match &self.host {
            Host::Here(process) => process,
            Host::Deployed { .. } => panic!("a deployed stack has no process here"),
        }
    }

    /// Whether the store runs here, so that the runner's own pages tell more of it.
    pub fn is_here(&self) -> bool {
        matches!(self.host, Host::Here(_))
    }

    /// Every mail that was sent.
    pub async fn mailbox(&self) -> Vec<Mail> {
        mailbox::read(&self.runner).await
    }

    /// Registers a customer.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn customer(&self, id: &str) {
        let body = json!({"name": "Ada", "email": Self::address(id)});
        let answer = self.api.put(&format!("/customers/{id}"), body).await;
        assert_eq!(answer.status, 202, "{answer:?}");
    }

    /// The mail address of a customer.
    pub fn address(customer: &str) -> String {
        format!("{customer}@example.com")
    }

    /// Sets what is on hand.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn stock(&self, sku: &str, on_hand: u64) {
        let answer = self.api.put(&format!("/inventory/{sku}"), json!({"onHand": on_hand})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Sets what a piece costs, in minor units.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn price(&self, sku: &str, price: u64) {
        let body = json!({"name": sku, "price": price, "currency": "EUR"});
        let answer = self.api.put(&format!("/products/{sku}"), body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.priced.lock().await.insert(sku.to_owned());
    }

    /// Places an order of one line at 100 minor units a piece, and gives its id.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn order(&self, customer: &str, sku: &str, quantity: u64) -> String {
        if !self.priced.lock().await.contains(sku) {
            self.price(sku, 100).await;
        }
        let line = json!({"sku": sku, "quantity": quantity, "unitPrice": 100});
        let body = json!({"customerId": customer, "currency": "EUR", "items": [line]});
        let answer = self.api.post("/orders", body).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.body["orderId"].as_str().expect("an order id").to_owned()
    }

    /// The trace of an order once every consumer has dealt with every event of it. A trace finds the events first and
    /// asks what became of them second, so it may lack what came of the last one: the next trace has that.
    pub async fn settled(&self, order: &str) -> Value {
        let path = format!("/orders/{order}/trace");
        let look = async || {
            let trace = self.api.get(&path).await;
            let before = handled(&trace);
            if before.is_none() {
                return (false, trace);
            }
            let trace = self.api.get(&path).await;
            (handled(&trace) == before, trace)
        };
        let (_, trace) = eventually("every consumer", look, |(is_settled, _)| *is_settled).await;
        trace.body
    }

    /// The ids of the function processes that run now.
    pub async fn function_processes(&self) -> Vec<u32> {
        let statistics = self.runner.get("/_fanfare/stats").await.body;
        let functions = statistics["functions"].as_array().cloned().unwrap_or_default();
        let processes = functions.iter().filter_map(|f| f["processes"].as_array()).flatten();
        let pids = processes.filter_map(|process| process["pid"].as_u64());
        pids.filter_map(|pid| u32::try_from(pid).ok()).collect()
    }

    /// How many invocations have begun and were not broken off: those that ended well, and those under way.
    pub async fn surviving_invocations(&self) -> u64 {
        let statistics = self.runner.get("/_fanfare/stats").await.body;
        let functions = statistics["functions"].as_array().cloned().unwrap_or_default();
        let count = |name| functions.iter().filter_map(|f| f[name].as_u64()).sum::<u64>();
        count("invocations").saturating_sub(count("crashes") + count("errors") + count("timeouts"))
    }

    /// Kills a process as `kill -9` does.
    pub async fn kill(&self, pid: u32) {
        kill("KILL", pid).await;
    }
}

/// The API of a deployed stack, as a program calls it that IAM lets in.
async fn api_of(stack: &Stack, aws: &Aws) -> Client {
    let (endpoint, signer) = (aws.endpoint(), aws.signer(stack).await);
    match stack.has_parameter("ApiFront=function-url") {
        true => Client::invoking(stack.physical("ApiFunction"), endpoint, signer),
        false => Client::signed(&stack.api_url(), endpoint, signer),
    }
}

async fn token(runner: &Client, holder: &Value) -> String {
    let answer = runner.post("/_fanfare/issuer/token", holder.clone()).await;
    answer.body["token"].as_str().unwrap_or_else(|| panic!("no token: {answer:?}")).to_owned()
}

/// How often the events of a trace were handled, if all are.
fn handled(trace: &Answer) -> Option<usize> {
    let outcomes = outcomes(&trace.body);
    let is_handled = trace.status == 200
        && !outcomes.is_empty()
        && outcomes.iter().all(|outcome| outcome == "done" || outcome == "dead-lettered");
    is_handled.then_some(outcomes.len())
}

fn outcomes(trace: &Value) -> Vec<String> {
    let events = trace["events"].as_array().cloned().unwrap_or_default();
    let consumers = events.iter().filter_map(|event| event["consumers"].as_array()).flatten();
    consumers.map(|c| c["outcome"].as_str().unwrap_or_default().to_owned()).collect()
}
