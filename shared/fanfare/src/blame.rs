//! Who is to blame for a write that was refused, when several members of a group change one item.

use crate::ready::Ready;
use crate::refusal::{Item, Verdict};
use crate::write::{Action, Write};
use crate::{Key, Refused, Table};
use std::collections::BTreeMap;

/// Who is to blame for the refused writes. A member whose conditions do not hold on what is stored is
/// refused. Of the others, those before it in the group may leave too little for one: that one waits.
pub(crate) fn guilty(
    group: &[Ready],
    standing: &[usize],
    refused: &BTreeMap<(Table, &Key), Option<&Item>>,
) -> Vec<(usize, Verdict)> {
    let mut stored: Counters<'_> = BTreeMap::new();
    for ((table, key), item) in refused {
        for (name, value) in item.iter().flat_map(|item| item.iter()) {
            if let Some(number) = value.as_n().ok().and_then(|n| n.parse().ok()) {
                stored.insert((*table, *key, name.as_str()), number);
            }
        }
    }
    let mut left = stored.clone();
    let mut guilty = Vec::new();
    for (n, member) in standing.iter().filter_map(|n| Some((*n, group.get(*n)?))) {
        let writes =
            || member.work.writes.iter().filter(|w| refused.contains_key(&(w.table, &w.key)));
        let keys: Vec<Key> =
            writes().filter(|write| fails(write, &stored)).map(|write| write.key.clone()).collect();
        if !keys.is_empty() {
            guilty.push((n, Verdict::Refused(Refused { keys, stream_moved_on: false })));
            continue;
        }
        if writes().any(|write| fails(write, &left)) {
            guilty.push((n, Verdict::Later));
            continue;
        }
        for write in writes() {
            if let Action::Count { add, .. } = &write.action {
                for (attribute, amount) in add {
                    let number = left.entry((write.table, &write.key, *attribute)).or_default();
                    *number = number.saturating_add(*amount);
                }
            }
        }
    }
    guilty
}

/// Numbers of items, by table, key and attribute.
type Counters<'a> = BTreeMap<(Table, &'a Key, &'a str), i64>;

/// Whether a refused write's condition does not hold on these numbers. What a put found in its place is not
/// counted here: its refusal is all there is to know.
fn fails(write: &Write, numbers: &Counters<'_>) -> bool {
    match &write.action {
        Action::Put { .. } | Action::Remember { .. } => true,
        Action::Count { at_least, .. } => at_least.iter().any(|(attribute, floor)| {
            numbers.get(&(write.table, &write.key, *attribute)).is_none_or(|has| has < floor)
        }),
    }
}
