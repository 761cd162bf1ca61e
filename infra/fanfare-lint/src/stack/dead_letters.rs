//! Which queues are dead-letter queues, and whose.

use super::queues::queue_name;
use super::{Owner, Stack};
use fanfare_template::{Resource, Setting, Text, Value};
use std::collections::BTreeMap;

/// Properties, of whatever resource, that name a place for what failed.
const PROPERTIES: [&str; 5] =
    ["RedrivePolicy", "DeadLetterConfig", "DeadLetterQueue", "OnFailure", "deadLetterTargetArn"];

/// The dead-letter queues of a template, found by what points at them.
#[derive(Default)]
pub(crate) struct DeadLetters<'t> {
    /// By the queue's logical id: the resources that send it what failed.
    sources: BTreeMap<&'t str, Vec<&'t Resource>>,
    /// Targets that cannot be told from a queue's name.
    unclear: Vec<Text>,
}

impl<'t> DeadLetters<'t> {
    pub(crate) fn of(stack: &Stack<'t>) -> Self {
        let mut found = Self::default();
        for resource in &stack.known.resources {
            let mut targets = Vec::new();
            collect(&resource.properties, false, &mut targets);
            for target in targets {
                found.add(stack, resource, target);
            }
        }
        found
    }

    fn add(&mut self, stack: &Stack<'t>, source: &'t Resource, target: Text) {
        // The target may stand inside a text, such as that of a JSON document made by `Fn::Sub`.
        for piece in target.pieces() {
            if let Owner::Resource(queue) = stack.queue_of(&Text::of(piece.clone())) {
                self.add_source(queue, source);
            }
        }
        match stack.queue_of(&target) {
            Owner::Resource(queue) => self.add_source(queue, source),
            // A parameter or an import on its own cannot be a queue of the same template.
            Owner::Unknown(_) if target.pieces().len() > 1 => self.unclear.push(target),
            Owner::Unknown(_) | Owner::Elsewhere => {}
        }
    }

    fn add_source(&mut self, queue: &'t Resource, source: &'t Resource) {
        let sources = self.sources.entry(queue.id.as_str()).or_default();
        if !sources.iter().any(|known| known.id == source.id) {
            sources.push(source);
        }
    }

    /// What sends this queue its failures; empty if nothing in the template does.
    pub(crate) fn sources(&self, queue: &Resource) -> &[&'t Resource] {
        self.sources.get(queue.id.as_str()).map_or(&[], Vec::as_slice)
    }

    /// Whether the queue may be a dead-letter queue even though nothing in the template is sure to say so.
    pub(crate) fn may_be(&self, queue: &Resource) -> bool {
        let says_so = !matches!(queue.properties.find(&["RedriveAllowPolicy"]), Setting::Absent);
        let is_called_so = [Some(queue.id.clone()), queue_name(queue).map(|name| name.to_string())]
            .iter()
            .flatten()
            .any(|name| is_dead_letter_name(name));
        let name = queue_name(queue);
        let is_meant = name.is_some_and(|name| {
            let last = |target: &Text| target.after_last(':').after_last('/');
            self.unclear.iter().any(|target| name.may_equal(&last(target)))
        });
        says_so || is_called_so || is_meant
    }
}

fn is_dead_letter_name(name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = letters.to_ascii_lowercase();
    ["dlq", "deadletter", "deadqueue"].iter().any(|part| letters.contains(part))
}

fn collect(value: &Value, is_target: bool, targets: &mut Vec<Text>) {
    for field in value.fields() {
        let names_target = PROPERTIES.contains(&field.key.as_str());
        // A redrive policy may be the text of a JSON document.
        let document = field.value.as_document();
        let inner = match names_target && document.why_unknown().is_none() {
            true => &*document,
            false => &field.value,
        };
        collect(inner, is_target || names_target, targets);
    }
    for item in value.items() {
        collect(item, is_target, targets);
    }
    if let Some(text) = value.as_text().filter(|_| is_target) {
        targets.push(text.into_owned());
    }
}
