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

use fanfare_template::{Place, Value};

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
pub(crate) fn of(metadata: &Value, resource: Option<&str>) -> Vec<Acceptance> {
    let list = metadata.find(&["Fanfare", "Accept"]).known();
    let items = list.map_or(&[][..], Value::each).iter();
    items.map(|item| acceptance(item, resource)).collect()
}

fn acceptance(item: &Value, resource: Option<&str>) -> Acceptance {
    let text = |key: &str| {
        let text = item.field(key).and_then(|field| field.value.as_known()).map(str::trim);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    Acceptance {
        resource: resource.map(str::to_owned),
        place: item.place,
        rule: text("Rule"),
        because: text("Because"),
    }
}
