//! A topic may send to the queues that subscribe to it.

use super::{Findings, Rule};
use crate::stack::{Owner, Spot, Stack, Subscription, queue_policies};
use fanfare_template::{Resource, Setting, Text};

pub(super) static QUEUE_CLOSED_TO_TOPIC: Rule = Rule {
    id: "queue-closed-to-topic",
    title: "Subscribed queue whose policy does not let its topic send",
    why: "SNS is refused, and drops the message: nothing fails where anybody looks.",
    page: "https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html",
    check,
};

fn check(stack: &Stack<'_>, findings: &mut Findings) {
    for subscription in stack.subscriptions() {
        let Setting::Known(topic) = &subscription.topic else { continue };
        let is_to_sqs = |protocol: &Text| protocol.as_known() == Some("sqs");
        if subscription.protocol.clone().known().is_some_and(|protocol| is_to_sqs(&protocol))
            && let Setting::Known(endpoint) = &subscription.endpoint
            && let Owner::Resource(queue) = stack.queue_of(endpoint)
        {
            judge(stack, queue, topic, subscription.spot(&["Endpoint"]), findings);
        }
        if let Some(queue) = dead_letters(stack, &subscription) {
            judge(stack, queue, topic, subscription.spot(&["RedrivePolicy"]), findings);
        }
    }
}

/// Where SNS sends what it cannot deliver, which the queue has to allow as well.
fn dead_letters<'t>(stack: &Stack<'t>, subscription: &Subscription<'t>) -> Option<&'t Resource> {
    let policy = subscription.settings.field("RedrivePolicy")?.value.as_document();
    let target = policy.find_text(&["deadLetterTargetArn"]).known()?;
    match stack.queue_of(&target) {
        Owner::Resource(queue) => Some(queue),
        Owner::Elsewhere | Owner::Unknown(_) => None,
    }
}

fn judge(stack: &Stack<'_>, queue: &Resource, topic: &Text, spot: Spot, findings: &mut Findings) {
    let statements = match queue_policies(stack, queue) {
        Setting::Known(statements) => statements,
        Setting::Unknown(why) => return findings.undecided(spot, &why),
        Setting::Absent => {
            let reason = format!("{} has no policy, so SNS may not send to it", queue.id);
            return findings.report(spot, reason, remedy(queue, topic));
        }
    };
    let mut unknown = None;
    for statement in &statements {
        match statement.lets_send(topic) {
            Setting::Known(true) => return,
            Setting::Known(false) | Setting::Absent => {}
            Setting::Unknown(why) => unknown = Some(why),
        }
    }
    match unknown {
        Some(why) => findings.undecided(spot, &why),
        None => {
            let reason = format!("no policy of {} lets the topic {topic} send to it", queue.id);
            findings.report(spot, reason, remedy(queue, topic));
        }
    }
}

fn remedy(queue: &Resource, topic: &Text) -> String {
    format!(
        "Put {} among the Queues of an AWS::SQS::QueuePolicy that allows sns.amazonaws.com sqs:SendMessage with \
         Condition: {{ ArnEquals: {{ aws:SourceArn: {topic} }} }}.",
        queue.id
    )
}
