//! What DynamoDB's refusal of a transaction means for each member of its group.

use crate::group::{Member, Slot};
use crate::ledger::{Outcome, Record};
use crate::transaction::Guard;
use crate::write::Action;
use crate::{Failure, Key, Refused, Table};
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason};
use std::collections::{BTreeMap, HashMap};

/// What becomes of one member of a refused group.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It was not at fault: the same again, without those that were.
    Again,
    /// Another transaction was at one of its items, or DynamoDB was busy there.
    Busy,
    /// The event was applied before.
    Duplicate,
    /// It can't be committed.
    Failed(Failure),
    /// Conditions of these writes do not hold.
    Refused(Refused),
}

type Item = HashMap<String, AttributeValue>;

/// The verdict on each member, from the reasons, which come one per item in the items' order
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
pub(crate) fn verdicts(
    group: &[Member<'_>],
    slots: &[Slot],
    reasons: &[CancellationReason],
) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = group.iter().map(|_| Verdict::Again).collect();
    let mut refused: BTreeMap<(Table, &Key), Option<&Item>> = BTreeMap::new();
    let mut set = |n: usize, verdict: Verdict| {
        if let Some(place) =
            verdicts.get_mut(n).filter(|v| matches!(v, Verdict::Again | Verdict::Busy))
        {
            *place = verdict;
        }
    };
    for (slot, reason) in slots.iter().zip(reasons) {
        match (slot, reason.code().unwrap_or("None")) {
            (_, "None") => {}
            (Slot::Guard(n), "ConditionalCheckFailed") => {
                if let Some(member) = group.get(*n) {
                    set(*n, guarded(member, reason.item()));
                }
            }
            (Slot::Event(n), "ConditionalCheckFailed") => {
                let reason = "a stream that the event should begin exists";
                set(*n, Verdict::Failed(Failure::permanent(reason)));
            }
            (Slot::Write(table, key, _), "ConditionalCheckFailed") => {
                refused.insert((*table, key), reason.item());
            }
            (Slot::Guard(n) | Slot::Event(n), code) => set(*n, other(code, reason)),
            (Slot::Write(_, _, members), code) => {
                members.iter().for_each(|n| set(*n, other(code, reason)));
            }
        }
    }
    let standing: Vec<usize> = (0..group.len())
        .filter(|n| matches!(verdicts.get(*n), Some(Verdict::Again | Verdict::Busy)))
        .collect();
    for (n, keys) in guilty(group, &standing, &refused) {
        if let Some(verdict) = verdicts.get_mut(n) {
            *verdict = Verdict::Refused(Refused { keys });
        }
    }
    verdicts
}

/// The verdict on a member whose ledger record was not as its guard asks.
fn guarded(member: &Member<'_>, record: Option<&Item>) -> Verdict {
    let record = record.and_then(|item| serde_dynamo::from_item::<_, Record>(item.clone()).ok());
    match (record, &member.guard) {
        (Some(record), _) if record.outcome == Outcome::Done => {
            applied(&record, &member.attempt.digest)
        }
        (_, Guard::Claimed(_)) => Verdict::Failed(Failure::retry("the lease ran out")),
        (_, Guard::Unclaimed) => Verdict::Failed(Failure::retry("another attempt is under way")),
    }
}

/// The verdict on an event that was applied before: a duplicate, unless it says something else now.
pub(crate) fn applied(record: &Record, digest: &str) -> Verdict {
    match &record.digest {
        Some(before) if before != digest => Verdict::Failed(Failure::permanent(format!(
            "the event was applied before with another content: digest {before} then, {digest} now"
        ))),
        _ => Verdict::Duplicate,
    }
}

fn other(code: &str, reason: &CancellationReason) -> Verdict {
    match code {
        "ValidationError" | "ItemCollectionSizeLimitExceeded" => {
            let message = reason.message().unwrap_or(code).to_owned();
            Verdict::Failed(Failure::permanent("DynamoDB refuses the work").caused_by(message))
        }
        // TransactionConflict, ThrottlingError, ProvisionedThroughputExceeded, and what may come.
        _ => Verdict::Busy,
    }
}

/// Who is to blame for the refused writes, with the keys of each: members are let through in their order
/// as long as the conditions of all their refused writes hold on what the earlier ones leave.
fn guilty(
    group: &[Member<'_>],
    standing: &[usize],
    refused: &BTreeMap<(Table, &Key), Option<&Item>>,
) -> Vec<(usize, Vec<Key>)> {
    let mut left: BTreeMap<(Table, &Key, &str), i64> = BTreeMap::new();
    for ((table, key), item) in refused {
        for (name, value) in item.iter().flat_map(|item| item.iter()) {
            if let Some(number) = value.as_n().ok().and_then(|n| n.parse().ok()) {
                left.insert((*table, *key, name.as_str()), number);
            }
        }
    }
    let mut guilty = Vec::new();
    for (n, member) in standing.iter().filter_map(|n| Some((*n, group.get(*n)?))) {
        let writes =
            || member.work.writes.iter().filter(|w| refused.contains_key(&(w.table, &w.key)));
        let fails = |write: &&crate::Write| match &write.action {
            Action::Put { .. } => true,
            Action::Count { at_least, .. } => at_least.iter().any(|(attribute, floor)| {
                left.get(&(write.table, &write.key, *attribute)).is_none_or(|has| has < floor)
            }),
        };
        let keys: Vec<Key> = writes().filter(fails).map(|write| write.key.clone()).collect();
        if !keys.is_empty() {
            guilty.push((n, keys));
            continue;
        }
        for write in writes() {
            if let Action::Count { add, .. } = &write.action {
                for (attribute, amount) in add {
                    let place = (write.table, &write.key, *attribute);
                    *left.entry(place).or_default() += amount;
                }
            }
        }
    }
    guilty
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Work;
    use crate::fixtures::{STOCK, attempt, member, take_stock};

    fn reason(code: &str, item: Option<Item>) -> CancellationReason {
        CancellationReason::builder().code(code).set_item(item).build()
    }

    fn stock(available: i64) -> Item {
        HashMap::from([("available".to_owned(), AttributeValue::N(available.to_string()))])
    }

    /// The verdicts on orders for so many mugs each, when so many are left.
    fn verdicts_on(quantities: &[i64], available: Option<i64>) -> Vec<bool> {
        let attempts: Vec<_> =
            (0..quantities.len()).map(|n| attempt(&format!("evt_{n}"))).collect();
        let group: Vec<_> = attempts
            .iter()
            .zip(quantities)
            .enumerate()
            .map(|(n, (attempt, quantity))| {
                member(n, attempt, Work::did("").write(take_stock("mug", *quantity)))
            })
            .collect();
        let mut slots: Vec<_> = (0..group.len()).map(Slot::Guard).collect();
        slots.push(Slot::Write(STOCK, Key::new("sku", "mug"), (0..group.len()).collect()));
        let mut reasons: Vec<_> = group.iter().map(|_| reason("None", None)).collect();
        reasons.push(reason("ConditionalCheckFailed", available.map(stock)));
        let refused = |verdict: &Verdict| matches!(verdict, Verdict::Refused(_));
        verdicts(&group, &slots, &reasons).iter().map(refused).collect()
    }

    #[test]
    fn those_who_come_too_late_for_the_stock_are_refused_and_no_others() {
        assert_eq!(verdicts_on(&[2, 2, 2], Some(5)), [false, false, true]);
        assert_eq!(verdicts_on(&[6, 2, 2], Some(5)), [true, false, false]);
        assert_eq!(verdicts_on(&[1, 1], None), [true, true]);
    }

    #[test]
    fn an_event_that_was_applied_with_another_content_is_no_duplicate() {
        let attempt = attempt("evt_1");
        let done = attempt.done("", event_schema::Timestamp::UNIX_EPOCH);
        assert!(matches!(applied(&done, &attempt.digest), Verdict::Duplicate));
        assert!(matches!(applied(&done, "other"), Verdict::Failed(Failure::Permanent { .. })));
    }

    #[test]
    fn a_conflict_blames_only_those_whose_item_it_is() {
        let attempts = [attempt("evt_1"), attempt("evt_2")];
        let group = [
            member(0, &attempts[0], Work::did("")),
            member(1, &attempts[1], Work::did("").write(take_stock("mug", 1))),
        ];
        let slots =
            [Slot::Guard(0), Slot::Guard(1), Slot::Write(STOCK, Key::new("sku", "mug"), vec![1])];
        let reasons =
            [reason("None", None), reason("None", None), reason("TransactionConflict", None)];
        let verdicts = verdicts(&group, &slots, &reasons);
        assert!(matches!(verdicts[..], [Verdict::Again, Verdict::Busy]), "{verdicts:?}");
    }
}
