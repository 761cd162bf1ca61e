//! SQS queues.

use super::{Owner, Stack};
use fanfare_template::{Resource, Setting, Text};

const KINDS: &[&str] = &["AWS::SQS::Queue"];

impl<'t> Stack<'t> {
    pub(crate) fn queues(&self) -> impl Iterator<Item = &'t Resource> {
        self.of_kinds(KINDS)
    }

    /// The queue that this reference, ARN, URL or name means.
    pub(crate) fn queue_of(&self, text: &Text) -> Owner<'t> {
        self.owner(text, KINDS, queue_name)
    }
}

/// The name that the template gives a queue; one without gets it from AWS.
pub(crate) fn queue_name(queue: &Resource) -> Option<Text> {
    queue.properties.find_text(&["QueueName"]).known()
}

/// Whether a queue is a FIFO queue. <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html>
pub(crate) fn is_fifo(queue: &Resource) -> Setting<bool> {
    queue.properties.flag(&["FifoQueue"]).or_default(false)
}
