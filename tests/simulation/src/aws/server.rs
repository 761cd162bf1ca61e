//! The server's side of a request: it takes time, it fails, and it goes on when its client is gone.

use crate::aws::answer::Answer;
use crate::aws::wire::Reply;
use crate::aws::{dynamodb, sqs};
use crate::cloud::Cloud;
use crate::faults::Fault;
use crate::invocation::{Caller, Invocation};
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
    of_dynamodb: bool,
}

impl Request {
    /// A request that the caller sends now, in the invocation that it is in.
    pub(crate) fn new(cloud: &Arc<Cloud>, caller: &Arc<Caller>, target: &str) -> Self {
        let (service, operation) = target.split_once('.').unwrap_or_default();
        Self {
            operation: operation.to_owned(),
            of_dynamodb: service.starts_with("DynamoDB"),
            invocation: caller.invocation(),
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
        if let Some(refusal) = self.refuse(&body) {
            self.note(&refusal.body["__type"].to_string());
            self.take_time().await;
            return Some(Reply::Answer(refusal));
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
            return Some(Reply::Answer(Answer::refusal(500, self.internal_error())));
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
        let throttled = match self.of_dynamodb {
            true => *self.cloud.chance.one_of(&[
                "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
                "com.amazon.coral.availability#ThrottlingException",
            ]),
            false => "com.amazonaws.sqs#RequestThrottled",
        };
        let is_out = self.of_dynamodb && self.caller.faulty;
        if is_out && self.cloud.faults.outage(Fault::Outage, self.cloud.time.elapsed()) {
            self.struck(Fault::Outage);
            return Some(Answer::refusal(500, self.internal_error()));
        }
        if self.strike(Fault::Throttle) {
            return Some(Answer::refusal(400, throttled));
        }
        if self.strike(Fault::ErrorBefore) {
            return Some(Answer::refusal(500, self.internal_error()));
        }
        if dynamodb::writes(&self.operation) && self.strike(Fault::Conflict) {
            return Some(self.conflict(body));
        }
        None
    }

    /// Another transaction is at one of the items, or one of the items is hot.
    fn conflict(&self, body: &Value) -> Answer {
        let namespace = "com.amazonaws.dynamodb.v20120810";
        if self.operation != "TransactWriteItems" {
            return Answer::refusal(400, &format!("{namespace}#TransactionConflictException"));
        }
        let chance = self.cloud.faults.chance();
        let items = body["TransactItems"].as_array().map_or(1, Vec::len);
        let guilty = chance.draw(|random| random.usize(..items));
        let code = *chance.one_of(&["TransactionConflict", "ThrottlingError"]);
        let reasons = (0..items).map(|n| match n == guilty {
            true => json!({"Code": code, "Message": "busy"}),
            false => json!({"Code": "None"}),
        });
        let error = format!("{namespace}#TransactionCanceledException");
        let mut answer = Answer::refusal(400, &error);
        answer.body["CancellationReasons"] = reasons.collect();
        answer
    }

    fn internal_error(&self) -> &'static str {
        match self.of_dynamodb {
            true => "com.amazonaws.dynamodb.v20120810#InternalServerError",
            false => "com.amazonaws.sqs#InternalError",
        }
    }

    /// Does what was asked for.
    fn apply(&self, mut body: Value) -> Answer {
        let cloud = &self.cloud;
        if !self.of_dynamodb {
            return sqs::answer(cloud, &self.operation, &body, |fault| self.strike(fault));
        }
        let mutant = cloud.mutant.filter(|_| self.caller.faulty);
        let skipped = self.leave_unread(&mut body);
        let detached = match mutant {
            Some(mutant) => mutant.rewrite(&self.operation, &mut body),
            None => Vec::new(),
        };
        let before = cloud.watch.before(&cloud.database, &self.operation, &mut body);
        let mut answer = dynamodb::answer(&cloud.database, &self.operation, body);
        if answer.is_ok() {
            if dynamodb::writes(&self.operation) {
                cloud.written.notify_one();
            }
            for put in detached {
                if cloud.chance.happens(0.8) {
                    dynamodb::answer(&cloud.database, "PutItem", put);
                }
            }
            cloud.watch.after(cloud, self.invocation.as_deref(), before);
        }
        if let Some(mutant) = mutant {
            mutant.rewrite_answer(&self.operation, &mut answer.body);
        }
        if answer.is_ok()
            && let Some((table, keys)) = skipped
        {
            answer.body["UnprocessedKeys"] = json!({table: keys});
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
