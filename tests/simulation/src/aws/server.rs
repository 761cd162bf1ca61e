//! The server's side of a request: it takes time, it fails, and it goes on when its client is gone.

use crate::aws::answer::Answer;
use crate::aws::service::Service;
use crate::aws::wire::Reply;
use crate::aws::{dynamodb, permissions, sns, sqs};
use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::invocation::{Caller, Invocation};
use crate::tables;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::time::sleep;

/// One request at the server.
pub(crate) struct Request {
    cloud: Arc<Cloud>,
    caller: Arc<Caller>,
    invocation: Option<Arc<Invocation>>,
    operation: String,
    service: Service,
}

impl Request {
    /// A request that the caller sends now, in the invocation that it is in.
    pub(crate) fn new(
        cloud: &Arc<Cloud>,
        caller: &Arc<Caller>,
        service: Service,
        operation: String,
    ) -> Self {
        let invocation = caller.invocation();
        if let Some(invocation) = &invocation {
            invocation.request();
        }
        Self {
            operation,
            service,
            invocation,
            cloud: Arc::clone(cloud),
            caller: Arc::clone(caller),
        }
    }

    /// Serves it.
    pub(crate) async fn serve(self, body: Value, sender: oneshot::Sender<Reply>) {
        let busy = self.cloud.busy();
        // That nobody waits for the answer any more is the client's business.
        match self.reply(body).await {
            Some(reply) => drop(sender.send(reply)),
            None => drop(sender),
        }
        drop(busy);
    }

    /// What the client gets, `None` for nothing at all.
    async fn reply(&self, body: Value) -> Option<Reply> {
        let faults = &self.cloud.faults;
        self.take_time().await;
        if let Some(what) =
            permissions::denied(&self.caller.name, self.service, &self.operation, &body)
        {
            let denied = format!("{} may not {what}", self.caller.name);
            self.cloud.history.violation(denied);
        }
        if let Some(refusal) = self.refuse(&body) {
            self.note(&refusal.body["__type"].to_string());
            self.take_time().await;
            return Some(Reply::Answer(refusal));
        }
        if self.service == Service::Sns && self.strike(Fault::SlowTopic) {
            sleep(faults.chance().millis(800..=2_900)).await;
        }
        if self.strike(Fault::LateWrite) {
            sleep(faults.chance().millis(3_500..=40_000)).await;
        }
        let answer = self.apply(body);
        match answer.is_ok() {
            true => self.note("ok"),
            false => self.note(&outcome(&answer)),
        }
        if self.strike(Fault::NoResponse) {
            return None;
        }
        self.take_time().await;
        if self.strike(Fault::ErrorAfter) {
            return Some(Reply::Answer(Answer::refusal(500, self.service.internal_error())));
        }
        if self.strike(Fault::LostResponse) {
            return Some(Reply::Broken);
        }
        Some(Reply::Answer(answer))
    }

    /// A few milliseconds, now and then many.
    async fn take_time(&self) {
        let chance = &self.cloud.chance;
        let most = if chance.happens(0.02) { 400 } else { 6 };
        sleep(chance.millis(1..=most)).await;
    }

    /// A refusal before the request took effect.
    fn refuse(&self, body: &Value) -> Option<Answer> {
        let internal_error = || Answer::refusal(500, self.service.internal_error());
        let now = self.cloud.time.elapsed();
        if let Some(outage) = self.service.outage().filter(|_| self.caller.faulty)
            && self.cloud.faults.outage(outage, now)
        {
            self.struck(outage);
            return Some(internal_error());
        }
        if let Some(place) = self.hot_place(body) {
            self.struck(Fault::HotPartition);
            return Some(self.busy(body, place, "ThrottlingError"));
        }
        if self.strike(Fault::Throttle) {
            return Some(Answer::refusal(400, self.service.throttled(&self.cloud.chance)));
        }
        if self.strike(Fault::ErrorBefore) {
            return Some(internal_error());
        }
        if dynamodb::writes(&self.operation) && self.strike(Fault::Conflict) {
            return Some(self.conflict(body));
        }
        None
    }

    /// The place in a write of an item in the partition that is hot.
    fn hot_place(&self, body: &Value) -> Option<usize> {
        let cloud = &self.cloud;
        let is_hot = cloud.faults.is_out(Fault::HotPartition, cloud.time.elapsed());
        if self.service != Service::DynamoDb || !self.caller.faulty || !is_hot {
            return None;
        }
        let mut body = body.clone();
        let actions = dynamodb::actions(&self.operation, &mut body);
        let place = actions.iter().position(|action| {
            let table = action["TableName"].as_str().unwrap_or_default();
            let item = if action["Item"].is_null() { &action["Key"] } else { &action["Item"] };
            cloud.faults.is_hot(&tables::partition_of(table, item))
        });
        if place.is_some() {
            cloud.faults.count(Fault::HotPartition);
        }
        place
    }

    /// Another transaction is at one of the items, or one of the items is hot.
    fn conflict(&self, body: &Value) -> Answer {
        let chance = self.cloud.faults.chance();
        let items = body["TransactItems"].as_array().map_or(1, Vec::len);
        let guilty = chance.draw(|random| random.usize(..items));
        let code = chance.one_of(&["TransactionConflict", "ThrottlingError"]);
        self.busy(body, guilty, code)
    }

    /// The refusal of a write because of the item at that place in it.
    fn busy(&self, body: &Value, guilty: usize, code: &str) -> Answer {
        let namespace = "com.amazonaws.dynamodb.v20120810";
        if self.operation != "TransactWriteItems" {
            let error = match code {
                "ThrottlingError" => "ProvisionedThroughputExceededException",
                _ => "TransactionConflictException",
            };
            return Answer::refusal(400, &format!("{namespace}#{error}"));
        }
        let items = body["TransactItems"].as_array().map_or(1, Vec::len);
        let reasons = (0..items).map(|n| match n == guilty {
            true => json!({"Code": code, "Message": "busy"}),
            false => json!({"Code": "None"}),
        });
        let error = format!("{namespace}#TransactionCanceledException");
        let mut answer = Answer::refusal(400, &error);
        answer.body["CancellationReasons"] = reasons.collect();
        answer
    }

    /// Does what was asked for.
    fn apply(&self, mut body: Value) -> Answer {
        let (cloud, strike) = (&self.cloud, |fault| self.strike(fault));
        match self.service {
            Service::Sqs => return sqs::answer(cloud, &self.operation, &body, strike),
            Service::Sns => return sns::answer(cloud, &self.operation, &body, strike),
            Service::DynamoDb => {}
        }
        let mutant = cloud.mutant.filter(|_| self.caller.faulty);
        let index = Some(&body).filter(|body| !body["IndexName"].is_null()).cloned();
        let skipped = self.leave_unread(&mut body);
        let detached = match mutant {
            Some(mutant) => mutant.rewrite(&self.operation, &mut body),
            None => Vec::new(),
        };
        let mut answer = self.perform(&self.operation, body);
        if answer.is_ok() {
            for put in detached {
                if cloud.chance.happens(0.8) {
                    self.perform("PutItem", put);
                }
            }
        }
        if let Some(mutant) = mutant {
            mutant.rewrite_answer(&self.operation, &mut answer.body);
        }
        if let Some(query) = index.filter(|_| answer.is_ok()) {
            let strike = || self.strike(Fault::StaleIndex);
            cloud.stale.answer(&query, &mut answer.body, strike);
        }
        if answer.is_ok()
            && let Some((table, keys)) = skipped
        {
            answer.body["UnprocessedKeys"] = json!({table: keys});
        }
        answer
    }

    /// Has DynamoDB do something, with the watch looking on.
    fn perform(&self, operation: &str, mut body: Value) -> Answer {
        let cloud = &self.cloud;
        let before = cloud.watch.before(&cloud.database, operation, &mut body);
        let answer = dynamodb::answer(&cloud.database, operation, body);
        if answer.is_ok() {
            cloud.watch.after(cloud, self.invocation.as_deref(), before);
        }
        answer
    }

    /// Takes some keys out of a batch read, to be answered as unprocessed.
    fn leave_unread(&self, body: &mut Value) -> Option<(String, Value)> {
        if self.operation != "BatchGetItem" {
            return None;
        }
        let (table, request) = body["RequestItems"].as_object_mut()?.iter_mut().next()?;
        let keys = request["Keys"].as_array_mut().filter(|keys| keys.len() > 1)?;
        if !self.strike(Fault::PartialRead) {
            return None;
        }
        let kept = self.cloud.faults.chance().draw(|random| random.usize(1..keys.len()));
        let rest = keys.split_off(kept);
        let mut skipped = request.clone();
        skipped["Keys"] = rest.into();
        Some((table.clone(), skipped))
    }

    /// Whether a fault strikes this request.
    fn strike(&self, fault: Fault) -> bool {
        let strikes = self.caller.faulty && self.cloud.faults.strike(fault);
        if strikes {
            self.struck(fault);
        }
        strikes
    }

    fn struck(&self, fault: Fault) {
        self.note(&format!("{fault:?}"));
        if let Some(invocation) = &self.invocation {
            invocation.trouble();
        }
    }

    fn note(&self, what: &str) {
        let who = self.invocation.as_ref().map_or(&self.caller.name, |i| &i.name);
        self.cloud.history.note(format!("{who} {} {what}", self.operation));
    }
}

/// A refusal in short: the error and, of a transaction, its reasons.
fn outcome(answer: &Answer) -> String {
    let reasons = answer.body["CancellationReasons"].as_array().into_iter().flatten();
    let codes: Vec<_> = reasons.filter_map(|reason| reason["Code"].as_str()).collect();
    let codes = codes.iter().map(|code| if *code == "None" { "-" } else { code });
    format!("{} {}", answer.error(), codes.collect::<Vec<_>>().join(","))
}
