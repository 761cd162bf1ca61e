//! What fails ends up somewhere, and stays there long enough to be looked at.

use super::{Findings, Rule};
use crate::stack::{DeadLetters, Located, Stack, Subscription};
use fanfare_template::{Resource, Setting};

pub(super) static QUEUE_WITHOUT_DLQ: Rule = Rule {
    id: "queue-without-dlq",
    title: "Queue without a dead-letter queue",
    why: "A message that always fails comes back until its retention ends, and is then gone without a trace.",
    page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
    check: check_queues,
};

pub(super) static SUBSCRIPTION_WITHOUT_DLQ: Rule = Rule {
    id: "subscription-without-dlq",
    title: "SNS subscription without a dead-letter queue",
    why: "What SNS cannot deliver (a queue's policy, a deleted key) it drops, at once or after its retries.",
    page: "https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html",
    check: check_subscriptions,
};

pub(super) static DLQ_RETENTION: Rule = Rule {
    id: "dlq-retention",
    title: "Dead-letter queue that keeps messages for less than 14 days",
    why: "A message's age counts from the queue that it was first sent to: a dead-letter queue of short \
          retention deletes it soon after, or before, anybody looks.",
    page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html",
    check: check_retention,
};

/// The longest that SQS keeps a message, in seconds: 14 days.
const LONGEST_RETENTION: i64 = 14 * DAY;
/// What SQS keeps a message for if the template does not say, in seconds: 4 days.
const DEFAULT_RETENTION: i64 = 4 * DAY;
const DAY: i64 = 86_400;

/// Protocols whose receiver is a person: nobody looks for a lost text message in a queue.
const TO_PEOPLE: [&str; 4] = ["email", "email-json", "sms", "application"];

fn check_queues(stack: &Stack<'_>, findings: &mut Findings) {
    let dead_letters = DeadLetters::of(stack);
    for queue in stack.queues() {
        let spot = queue.spot(&["RedrivePolicy"]);
        match queue.properties.find(&["RedrivePolicy"]) {
            Setting::Known(_) => {}
            Setting::Unknown(why) => findings.undecided(spot, &why),
            Setting::Absent if !dead_letters.sources(queue).is_empty() => {}
            Setting::Absent if dead_letters.may_be(queue) => {
                findings.undecided(spot, "whether it is a dead-letter queue itself");
            }
            Setting::Absent => findings.report(
                spot,
                "what fails for ever is deleted when its retention ends",
                "Add a RedrivePolicy with a deadLetterTargetArn and a maxReceiveCount.",
            ),
        }
    }
}

fn check_subscriptions(stack: &Stack<'_>, findings: &mut Findings) {
    for subscription in stack.subscriptions() {
        if !is_to_a_machine(&subscription) {
            continue;
        }
        let spot = subscription.spot(&["RedrivePolicy"]);
        match subscription.settings.find(&["RedrivePolicy"]) {
            Setting::Known(_) => {}
            Setting::Unknown(why) => findings.undecided(spot, &why),
            Setting::Absent => findings.report(
                spot,
                "what SNS cannot deliver is lost",
                "Add a RedrivePolicy with a deadLetterTargetArn (a subscription inside a topic or an event \
                 with SqsSubscription cannot have one: make it an AWS::SNS::Subscription).",
            ),
        }
    }
}

fn is_to_a_machine(subscription: &Subscription<'_>) -> bool {
    match &subscription.protocol {
        Setting::Known(protocol) => {
            protocol.as_known().is_some_and(|protocol| !TO_PEOPLE.contains(&protocol))
        }
        Setting::Absent | Setting::Unknown(_) => false,
    }
}

fn check_retention(stack: &Stack<'_>, findings: &mut Findings) {
    let dead_letters = DeadLetters::of(stack);
    for queue in stack.queues() {
        let sources = dead_letters.sources(queue);
        if sources.is_empty() {
            continue;
        }
        let spot = queue.spot(&["MessageRetentionPeriod"]);
        match retention(queue) {
            Setting::Known(seconds) if seconds < LONGEST_RETENTION => findings.report(
                spot,
                format!(
                    "dead letters of {} are kept for {}{}",
                    sources.iter().map(|source| source.id.as_str()).collect::<Vec<_>>().join(", "),
                    duration(seconds),
                    longer_source(sources, seconds)
                ),
                format!("Set MessageRetentionPeriod to {LONGEST_RETENTION} (14 days)."),
            ),
            Setting::Unknown(why) => findings.undecided(spot, &why),
            Setting::Known(_) | Setting::Absent => {}
        }
    }
}

fn retention(queue: &Resource) -> Setting<i64> {
    queue.properties.number(&["MessageRetentionPeriod"]).or_default(DEFAULT_RETENTION)
}

fn longer_source(sources: &[&Resource], seconds: i64) -> String {
    let queues = sources.iter().filter(|source| source.kind == "AWS::SQS::Queue");
    let longer = queues.filter_map(|queue| Some((queue, retention(queue).known()?)));
    match longer.max_by_key(|(_, longest)| *longest).filter(|(_, longest)| *longest > seconds) {
        Some((queue, longest)) => {
            format!(", which is less than {} keeps them ({})", queue.id, duration(longest))
        }
        None => String::new(),
    }
}

fn duration(seconds: i64) -> String {
    match seconds {
        DAY => "1 day".to_owned(),
        seconds if seconds % DAY == 0 => format!("{} days", seconds / DAY),
        seconds => format!("{seconds} s"),
    }
}
