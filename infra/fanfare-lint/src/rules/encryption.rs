//! Data at rest is encrypted by a key that the account decides about where AWS does not encrypt by itself.
//!
//! What counts as unencrypted differs by service, since AWS's defaults do:
//! - a queue is encrypted (SSE-SQS) unless it says `SqsManagedSseEnabled: false` and has no key;
//! - a topic is not encrypted without a key;
//! - a table is always encrypted. One that says `SSEEnabled: false` asks for AWS's own key, whose use nobody
//!   can see or withdraw: that is reported, the silent default is not.

use super::{Findings, Rule};
use crate::stack::{Located, Spot, Stack};
use fanfare_template::{Resource, Setting};

pub(super) static QUEUE_ENCRYPTION: Rule = Rule {
    id: "queue-encryption",
    title: "Queue with its encryption switched off",
    why: "SQS encrypts new queues by itself; this one says that it should not.",
    page: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html",
    check: check_queues,
};

pub(super) static TOPIC_ENCRYPTION: Rule = Rule {
    id: "topic-encryption",
    title: "Topic without a key to encrypt by",
    why: "SNS encrypts messages at rest with a KMS key that the topic names, and by none otherwise.",
    page: "https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html",
    check: check_topics,
};

pub(super) static TABLE_ENCRYPTION: Rule = Rule {
    id: "table-encryption",
    title: "Table that declines a KMS key",
    why: "A table with `SSEEnabled: false` is encrypted by a key that AWS owns: its use is in no log, and it \
          cannot be withdrawn.",
    page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html",
    check: check_tables,
};

fn check_queues(stack: &Stack<'_>, findings: &mut Findings) {
    for queue in stack.queues() {
        let spot = queue.spot(&["SqsManagedSseEnabled"]);
        match (has_key(queue), queue.properties.flag(&["SqsManagedSseEnabled"])) {
            (Setting::Known(false), Setting::Known(false)) => findings.report(
                spot,
                "messages are stored in plain text",
                "Remove `SqsManagedSseEnabled: false`, or set KmsMasterKeyId.",
            ),
            (Setting::Unknown(why), Setting::Known(false))
            | (Setting::Known(false), Setting::Unknown(why)) => findings.undecided(spot, &why),
            _ => {}
        }
    }
}

fn check_topics(stack: &Stack<'_>, findings: &mut Findings) {
    for topic in stack.of_kinds(&["AWS::SNS::Topic"]) {
        let spot = topic.spot(&["KmsMasterKeyId"]);
        match has_key(topic) {
            Setting::Known(true) => {}
            Setting::Unknown(why) => findings.undecided(spot, &why),
            Setting::Known(false) | Setting::Absent => findings.report(
                spot,
                "messages are stored without a key of KMS",
                "Set KmsMasterKeyId: `alias/aws/sns`, or a key of your own if another service of AWS publishes here.",
            ),
        }
    }
}

fn has_key(resource: &Resource) -> Setting<bool> {
    let key = resource.properties.find(&["KmsMasterKeyId"]);
    key.map(|key| key.as_known() != Some("")).or_default(false)
}

fn check_tables(stack: &Stack<'_>, findings: &mut Findings) {
    const KINDS: &[&str] =
        &["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable"];
    for table in stack.of_kinds(KINDS) {
        check_table(table, table.spot(&["SSESpecification", "SSEEnabled"]), findings);
    }
}

fn check_table(table: &Resource, spot: Spot, findings: &mut Findings) {
    match table.properties.flag(&["SSESpecification", "SSEEnabled"]) {
        Setting::Known(false) => findings.report(
            spot,
            "it asks for AWS's own key instead of one of KMS",
            "Set SSEEnabled to true (`alias/aws/dynamodb`, or a key of your own by KMSMasterKeyId).",
        ),
        Setting::Unknown(why) => findings.undecided(spot, &why),
        Setting::Known(true) | Setting::Absent => {}
    }
}
