//! What a template breaks, and where.

use crate::rules::Rule;
use fanfare_template::Place;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// One broken rule at one place.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// The resource's logical id; empty: the template as a whole.
    pub resource: String,
    /// The property's path inside the resource, whether it is there or not; empty: the resource itself.
    pub property: String,
    /// Where to look: the property if it is there, else what holds it.
    pub place: Place,
    /// What is wrong, with the values met.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
    /// Tells findings of one rule about one property apart: 0 for the first.
    pub(crate) ordinal: usize,
}

/// A finding that the template accepts.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// What is accepted.
    pub finding: Finding,
    /// The reason that the template gives.
    pub because: String,
}

/// What could not be judged, or need not be said again.
#[derive(Debug, Clone)]
pub struct Note {
    /// The rule that it is about, if it is about one.
    pub rule: Option<&'static Rule>,
    /// The resource's logical id, or the key that it is about; empty: the template as a whole.
    pub resource: String,
    /// The property's path inside the resource; empty: the resource itself.
    pub property: String,
    /// Where to look.
    pub place: Place,
    /// What there is to say.
    pub text: String,
}

impl Finding {
    /// Resource and property as one: `Queue.VisibilityTimeout`; `template` for the whole of it.
    pub fn subject(&self) -> String {
        subject(&self.resource, &self.property)
    }

    /// The same for the same finding in the next run, whatever moved or changed around it: made of
    /// template, rule, resource and property, not of line or values. 32 hexadecimal digits.
    pub fn fingerprint(&self, template: &str) -> String {
        let mut hash = Sha256::new();
        for part in [template, self.rule.id, &self.resource, &self.property] {
            hash.update(part);
            hash.update([0]);
        }
        hash.update(self.ordinal.to_be_bytes());
        hash.finalize().iter().take(16).fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            write!(text, "{byte:02x}").unwrap_or_default();
            text
        })
    }
}

impl Note {
    /// Resource and property as one.
    pub fn subject(&self) -> String {
        subject(&self.resource, &self.property)
    }
}

fn subject(resource: &str, property: &str) -> String {
    match (resource, property) {
        ("", "") => "template".to_owned(),
        (resource, "") => resource.to_owned(),
        ("", property) => property.to_owned(),
        (resource, property) => format!("{resource}.{property}"),
    }
}
