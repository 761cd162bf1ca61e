//! Findings that a template accepts, each with its reason:
//!
//! ```yaml
//! Metadata:
//!   Fanfare:
//!     Accept:
//!       - Rule: queue-without-dlq
//!         Because: Heartbeats; the next one is sent in a minute.
//! ```
//!
//! In a resource's `Metadata` it is about that resource, in the template's it is about all of it.

use super::node::{Node, Place};

/// One accepted rule, as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Acceptance {
    /// The resource it is about; `None`: the whole template.
    pub(crate) resource: Option<String>,
    pub(crate) place: Place,
    pub(crate) rule: Option<String>,
    pub(crate) because: Option<String>,
}

/// What the `Metadata` of a resource or of the template accepts.
pub(super) fn of(metadata: Option<&Node>, resource: Option<&str>) -> Vec<Acceptance> {
    let list = metadata.and_then(|metadata| metadata.get("Fanfare")?.get("Accept"));
    let Some(list) = list else { return Vec::new() };
    let items = list.as_list().unwrap_or(std::slice::from_ref(list));
    items.iter().map(|item| acceptance(item, resource)).collect()
}

fn acceptance(item: &Node, resource: Option<&str>) -> Acceptance {
    let text = |key: &str| {
        let text = item.get(key).and_then(Node::as_text).map(str::trim);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    Acceptance {
        resource: resource.map(str::to_owned),
        place: item.place,
        rule: text("Rule"),
        because: text("Because"),
    }
}
