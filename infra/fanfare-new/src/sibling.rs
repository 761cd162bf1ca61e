//! What a template has for another consumer outside that consumer's own resources, made for a new one too: alarms, a row
//! of the dashboard, an entry in the list of a trace. It is copied from the other, so that all are watched alike.

use crate::CrateName;
use crate::blocks::{Block, blocks};
use fanfare_template::roles::Roles;

/// A consumer that is in the template already, whose parts are called as `fanfare new` calls them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sibling {
    name: String,
    /// What its resources' logical ids begin with.
    id: String,
    /// The mapping and the key that its subscription takes its types from, if it takes them from one.
    pub(crate) types: Option<(String, String)>,
    /// Where its code is, up to its name.
    pub(crate) code: Option<String>,
}

/// What is to be put where, in bytes of the text as it was.
pub(crate) type Insertion = (usize, String);

const ALARM: &str = "AWS::CloudWatch::Alarm";
const DASHBOARD: &str = "AWS::CloudWatch::Dashboard";
const LIST: &str = "SUBSCRIPTIONS:";

impl Sibling {
    /// The last of a template's consumers that is called so, those with alarms first.
    pub(crate) fn of(text: &str, roles: &Roles) -> Option<Self> {
        let resources = blocks(text, "Resources");
        let mut siblings: Vec<(usize, Self)> = Vec::new();
        for consumer in &roles.consumers {
            let function = consumer.function.as_deref().unwrap_or_default();
            let Some(id) = function.strip_suffix("Function") else { continue };
            if consumer.queue != format!("{id}Queue") {
                continue;
            }
            let find = |key: String| resources.iter().find(|block| block.key == key);
            let subscription = find(format!("{id}Subscription"));
            let (name, id) = (consumer.name.clone(), id.to_owned());
            let types = subscription.and_then(|block| types_of(block.text, &name));
            let at = find(function.to_owned());
            let code = at.and_then(|block| code_of(block.text, &name));
            let sibling = Self { name, id, types, code };
            let watched = resources.iter().filter(|block| sibling.is_alarm(block)).count();
            siblings
                .push((watched * text.len() + at.map_or(0, |block| block.range.start), sibling));
        }
        siblings.into_iter().max_by_key(|(rank, _)| *rank).map(|(_, sibling)| sibling)
    }

    /// Its alarms, made a new consumer's.
    pub(crate) fn alarms(&self, text: &str, name: &CrateName) -> Vec<String> {
        let copy = self.copy(name, "");
        let resources = blocks(text, "Resources");
        let alarms = resources.iter().filter(|block| self.is_alarm(block));
        alarms.map(|block| copy.of(block.text)).collect()
    }

    fn copy<'s>(&'s self, name: &CrateName, on: &'s str) -> Copy<'s> {
        Copy { sibling: self, name: name.to_string(), id: name.logical_id(), on }
    }

    /// What is to be put into the text for a new consumer of an event, beside its resources and its alarms.
    pub(crate) fn copies(&self, text: &str, name: &CrateName, on: &str) -> Vec<Insertion> {
        let copy = self.copy(name, on);
        let mut insertions = Vec::new();
        if let Some((mapping, key)) = &self.types {
            let mapping = blocks(text, "Mappings").into_iter().find(|block| block.key == mapping);
            let entry = format!("    {name}: {{ {key}: [{on}] }}\n");
            insertions.extend(mapping.map(|block| (block.range.end, entry)));
        }
        for block in blocks(text, "Resources") {
            match block.text {
                dashboard if dashboard.contains(DASHBOARD) => {
                    insertions.extend(copy.row(&block));
                }
                function if function.contains(LIST) => insertions.extend(copy.entry(&block)),
                _ => {}
            }
        }
        insertions
    }

    fn is_alarm(&self, block: &Block<'_>) -> bool {
        block.key.starts_with(&self.id) && block.text.contains(ALARM) && self.is_in(block.text)
    }

    /// Whether a text speaks of its queues or its function.
    fn is_in(&self, text: &str) -> bool {
        ["Queue", "DeadLetters", "Function"].iter().any(|part| {
            let id = format!("{}{part}", self.id);
            text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == id)
        })
    }
}

/// The mapping and key of `eventType: !FindInMap [Subscriptions, email, events]`.
fn types_of(subscription: &str, name: &str) -> Option<(String, String)> {
    let (_, rest) = subscription.split_once("!FindInMap [")?;
    let mut parts = rest.split_once(']')?.0.split(',').map(str::trim);
    let (mapping, consumer, key) = (parts.next()?, parts.next()?, parts.next()?);
    (consumer == name).then(|| (mapping.to_owned(), key.to_owned()))
}

fn code_of(function: &str, name: &str) -> Option<String> {
    let mut lines = function.lines().map(str::trim);
    let code = lines.find_map(|line| line.strip_prefix("CodeUri: "))?;
    code.strip_suffix(name).map(str::to_owned)
}

/// A sibling's text, made a new consumer's.
struct Copy<'s> {
    sibling: &'s Sibling,
    name: String,
    id: String,
    on: &'s str,
}

impl Copy<'_> {
    /// The text with the new consumer's names: whole words alone, in logical ids at their beginning.
    fn of(&self, text: &str) -> String {
        let (mut copy, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
            let (between, word) = rest.split_at(start);
            let end = word.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(word.len());
            let (word, after) = word.split_at(end);
            copy.push_str(between);
            copy.push_str(&self.word(word, between, after));
            rest = after;
        }
        copy + rest
    }

    fn word(&self, word: &str, before: &str, after: &str) -> String {
        let is_part_of_id = |rest: &str| rest.starts_with(|c: char| c.is_ascii_uppercase());
        match word.strip_prefix(self.sibling.id.as_str()) {
            Some(rest) if is_part_of_id(rest) => format!("{}{rest}", self.id),
            _ => match word == self.sibling.name && stands_for_a_consumer(before, after) {
                true => self.name.clone(),
                false => word.to_owned(),
            },
        }
    }

    /// The row of a dashboard: the other's widgets, below all there are.
    fn row(&self, dashboard: &Block<'_>) -> Option<Insertion> {
        let own = |line: &&str| self.sibling.is_in(line) && number(line, "\"y\":").is_some();
        let lines = || dashboard.text.split_inclusive('\n');
        let bottom =
            lines().filter_map(|line| Some(number(line, "\"y\":")? + number(line, "\"height\":")?));
        let bottom = bottom.max()?;
        let top = lines().filter(own).filter_map(|line| number(line, "\"y\":")).min()?;
        let row = lines().filter(own).filter_map(|line| {
            let y = number(line, "\"y\":")?;
            let moved =
                line.replacen(&format!("\"y\":{y}"), &format!("\"y\":{}", bottom + (y - top)), 1);
            let comma = if line.trim_end().ends_with(',') { "" } else { "," };
            Some(format!("{}{comma}\n", self.of(moved.trim_end())))
        });
        let first = lines().find(|line| number(line, "\"y\":").is_some())?;
        let at = dashboard.text.find(first)?;
        Some((dashboard.range.start + at, row.collect()))
    }

    /// The entry of a list that a trace is told of consumers by.
    fn entry(&self, function: &Block<'_>) -> Option<Insertion> {
        let start = function.text.find(LIST)?;
        let (_, list) = function.text.split_at(start);
        let line = list.lines().next()?;
        let plain = line.strip_prefix(LIST)?.trim();
        if plain.contains('=') {
            let text = plain.trim_end_matches(['"', '\'']);
            let end = start + line.find(plain)? + text.len();
            return Some((function.range.start + end, format!(";{}={}", self.name, self.on)));
        }
        let word = |line: &&str| {
            let copied = self.of(line);
            copied != **line && line.trim_start().starts_with('-')
        };
        let own = list.split_inclusive('\n').skip(1).find(word)?;
        let at = start + list.find(own)? + own.len();
        let copied = self.of(own).replacen("- - ", "  - ", 1);
        Some((function.range.start + at, copied))
    }
}

/// Whether a word between these is a consumer's name, and no word of a sentence.
fn stands_for_a_consumer(before: &str, after: &str) -> bool {
    let before = before.chars().next_back();
    let after = after.chars().next();
    matches!(before, Some('"' | '\'' | '[' | ' ')) && matches!(after, Some(':' | ',' | ']' | '"'))
}

fn number(line: &str, key: &str) -> Option<u64> {
    let (_, rest) = line.split_once(key)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
