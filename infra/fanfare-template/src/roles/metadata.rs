//! What a resource's metadata says of its role: `Metadata: { Fanfare: { Role, Consumer, ForcedReplay } }`.

use super::{ForcedReplay, Role};
use crate::value::Field;
use crate::{Part, Place, Problem, Resource, Value};

/// What a resource says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) role: Option<Role>,
    /// The consumer's name.
    pub(super) consumer: Option<String>,
    pub(super) forced_replay: ForcedReplay,
}

/// Reads the metadata of a resource; what is wrong with it goes to `problems`.
pub(super) fn said(resource: &Resource, problems: &mut Vec<Problem>) -> Said {
    let Some(fanfare) = resource.metadata.field("Fanfare") else { return Said::default() };
    let mut wrong = |place: Place, message: String| {
        let problem = Problem::invalid(place, message).of(Part::Attribute, "Metadata.Fanfare");
        problems.push(problem.of(Part::Resource, &resource.id));
    };
    let mut said = Said::default();
    for Field { key, place, value } in fanfare.value.fields() {
        match key.as_str() {
            "Role" => match value.as_known().and_then(Role::named) {
                Some(role) => said.role = Some(role),
                None => wrong(*place, format!("has a Role that is none of {}", names())),
            },
            "Consumer" => match value.as_known().filter(|name| !name.is_empty()) {
                Some(name) => said.consumer = Some(name.to_owned()),
                None => wrong(*place, "has a Consumer that is no name".to_owned()),
            },
            "ForcedReplay" => match forced_replay(value) {
                Some(forced_replay) => said.forced_replay = forced_replay,
                None => {
                    wrong(*place, format!("has a ForcedReplay that is none of {FORCED_REPLAY}"))
                }
            },
            // What others read from there: the linter knows every word.
            _ => {}
        }
    }
    said
}

const FORCED_REPLAY: &str =
    "`Harmless`, `{ Harmless: why }`, `{ Refused: why }` and `{ IfEmpty: TABLE, Because: why }`";

fn forced_replay(value: &Value) -> Option<ForcedReplay> {
    let text = |value: &Value| value.as_known().filter(|text| !text.is_empty()).map(str::to_owned);
    if value.as_known() == Some("Harmless") {
        return Some(ForcedReplay::Harmless(None));
    }
    match value.fields() {
        [one] if one.key == "Harmless" => Some(ForcedReplay::Harmless(Some(text(&one.value)?))),
        [one] if one.key == "Refused" => Some(ForcedReplay::Refused(text(&one.value)?)),
        [_, _] => Some(ForcedReplay::IfEmpty {
            table: text(&value.field("IfEmpty")?.value)?,
            because: text(&value.field("Because")?.value)?,
        }),
        _ => None,
    }
}

fn names() -> String {
    Role::ALL.map(Role::name).join(", ")
}
