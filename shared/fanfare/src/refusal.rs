//! What DynamoDB's refusal of a transaction means for each member of its group.

use crate::blame::guilty;
use crate::guard::{Guard, acted_on_another, applied};
use crate::ledger::{Outcome, Record};
use crate::ready::Ready;
use crate::transaction::Slot;
use crate::work::{Announced, Position};
use crate::{Failure, Key, Refused, Table, UnknownOutcome};
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason};
use fanfare_event_store::ItemRefusal;
use std::collections::{BTreeMap, HashMap};

/// What becomes of one member of a refused group.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It was not at fault: the same again, without those that were.
    Again,
    /// Another transaction was at one of its items.
    Busy,
    /// DynamoDB takes no more for one of its items at the moment.
    Throttled,
    /// Somebody else is at the end of a stream that it announces on: the same again, further on in that stream.
    Overtaken,
    /// The event was applied before.
    Duplicate,
    /// It can't be committed.
    Failed(Failure),
    /// Conditions of these writes do not hold.
    Refused(Refused),
    /// What it was decided from has changed.
    Outdated,
    /// They hold, but not once the members before it are committed: it waits to see whether they are.
    Later,
}

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The verdict on each member, from the reasons, which come one per item in the items' order
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>).
pub(crate) fn verdicts(
    group: &[Ready],
    slots: &[Slot],
    reasons: &[CancellationReason],
) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = group.iter().map(|_| Verdict::Again).collect();
    let mut refused: BTreeMap<(Table, &Key), Option<&Item>> = BTreeMap::new();
    let mut taken_places = Vec::new();
    let mut set = |n: usize, verdict: Verdict| {
        if let Some(place) = verdicts.get_mut(n).filter(|verdict| is_standing(verdict)) {
            *place = verdict;
        }
    };
    for (slot, reason) in slots.iter().zip(reasons) {
        let Some(refusal) = ItemRefusal::of(reason) else { continue };
        match (slot, refusal) {
            (Slot::Guard(n), ItemRefusal::ConditionFailed) => {
                if let Some(member) = group.get(*n) {
                    set(*n, guarded(member, reason.item()));
                }
            }
            (Slot::Event(n, place), ItemRefusal::ConditionFailed | ItemRefusal::Conflict) => {
                let Some((event, position)) = event(group, *n, *place) else { continue };
                match (position, refusal) {
                    (Position::Next, _) => set(*n, Verdict::Overtaken),
                    (_, ItemRefusal::ConditionFailed) => taken_places.push((*n, event, position)),
                    _ => set(*n, other(refusal, reason)),
                }
            }
            (Slot::Memory(n), ItemRefusal::ConditionFailed) => set(*n, Verdict::Outdated),
            (Slot::Write(table, key, _), ItemRefusal::ConditionFailed) => {
                refused.insert((*table, key), reason.item());
            }
            (Slot::Guard(n) | Slot::Event(n, _) | Slot::Memory(n), _) => {
                set(*n, other(refusal, reason));
            }
            (Slot::Write(_, _, members), _) => {
                members.iter().for_each(|n| set(*n, other(refusal, reason)));
            }
        }
    }
    let standing: Vec<usize> =
        (0..group.len()).filter(|n| verdicts.get(*n).is_some_and(is_standing)).collect();
    for (n, blame) in guilty(group, &standing, &refused) {
        if let Some(verdict) = verdicts.get_mut(n) {
            *verdict = blame;
        }
    }
    for (n, event, position) in taken_places {
        if let (Some(verdict), Some(member)) = (verdicts.get_mut(n), group.get(n)) {
            moved_on(member, event, position, verdict);
        }
    }
    verdicts
}

/// An event that a member announces, and where the first of its stream was to go.
fn event(group: &[Ready], n: usize, place: usize) -> Option<(&Announced, Position)> {
    let work = &group.get(n)?.work;
    let event = work.events.get(place)?;
    Some((event, work.position_on(&event.stream)?))
}

/// Whether nothing is held against a member so far.
fn is_standing(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Again | Verdict::Busy | Verdict::Throttled | Verdict::Overtaken)
}

/// The verdict on a member one of whose events found the place taken where it had to go.
fn moved_on(member: &Ready, event: &Announced, position: Position, verdict: &mut Verdict) {
    match verdict {
        Verdict::Duplicate | Verdict::Failed(_) | Verdict::Outdated => {}
        _ if position != Position::First => *verdict = Verdict::Outdated,
        Verdict::Refused(refused) if member.work.otherwise.is_some() => {
            refused.stream_moved_on = true;
        }
        _ if member.work.otherwise.is_some() => {
            *verdict = Verdict::Refused(Refused { keys: Vec::new(), stream_moved_on: true });
        }
        _ => *verdict = Verdict::Failed(stream_exists(event)),
    }
}

/// The failure of an event that was to begin a stream which exists.
pub(crate) fn stream_exists(event: &Announced) -> Failure {
    let Announced { stream, event_type, .. } = event;
    Failure::permanent(format!(
        "the stream {stream} exists already, and announce_first was to begin it with {event_type}: use announce to \
         append wherever the stream stands, or say what to do instead with otherwise"
    ))
}

/// The verdict on a member whose ledger record was not as its guard asks.
fn guarded(member: &Ready, record: Option<&Item>) -> Verdict {
    let record = record.and_then(|item| serde_dynamo::from_item::<_, Record>(item.clone()).ok());
    match (record, &member.guard) {
        (Some(record), _) if record.outcome == Outcome::Done => {
            match applied(&record, &member.case.attempt.digest) {
                Ok(()) => Verdict::Duplicate,
                Err(failure) => Verdict::Failed(failure),
            }
        }
        (Some(record), Guard::NoResult(_))
            if record.effect.is_some() && member.case.attempt.began_after(record.lease_until) =>
        {
            let reason = "an earlier attempt acted on the event, and the handler now would not";
            Verdict::Failed(Failure::permanent(reason))
        }
        (Some(record), Guard::Lapsed | Guard::NoResult(UnknownOutcome::Retry))
            if record.token.is_some()
                && record.digest.as_ref() != Some(&member.case.attempt.digest)
                && member.case.attempt.began_after(record.lease_until) =>
        {
            Verdict::Failed(acted_on_another(&record, &member.case.attempt))
        }
        (_, Guard::Claimed(_)) => Verdict::Failed(Failure::busy("the lease ran out")),
        (_, Guard::Unclaimed | Guard::Lapsed | Guard::NoResult(_) | Guard::Maybe(_)) => {
            Verdict::Failed(Failure::busy("another attempt is under way"))
        }
    }
}

fn other(refusal: ItemRefusal, reason: &CancellationReason) -> Verdict {
    match refusal {
        ItemRefusal::Invalid => {
            let words = reason.message().or(reason.code()).unwrap_or_default().to_owned();
            Verdict::Failed(Failure::permanent("DynamoDB refuses the work").caused_by(words))
        }
        ItemRefusal::Throttled => Verdict::Throttled,
        // A condition is dealt with where it was set.
        ItemRefusal::Conflict | ItemRefusal::ConditionFailed | ItemRefusal::Unknown => {
            Verdict::Busy
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Work;
    use crate::fixtures::{Rang, STOCK, attempt, ready, take_stock};

    fn reason(code: &str, item: Option<Item>) -> CancellationReason {
        CancellationReason::builder().code(code).set_item(item).build()
    }

    fn stock(available: i64) -> Item {
        HashMap::from([("available".to_owned(), AttributeValue::N(available.to_string()))])
    }

    /// The verdicts on orders for so many mugs each, when so many are left.
    fn verdicts_on(quantities: &[i64], available: Option<i64>) -> Vec<&'static str> {
        let order = |quantity| Work::did("").write(take_stock("mug", quantity));
        let group: Vec<_> =
            quantities.iter().map(|quantity| ready("evt_1", order(*quantity))).collect();
        let mut slots: Vec<_> = (0..group.len()).map(Slot::Guard).collect();
        slots.push(Slot::Write(STOCK, Key::new("sku", "mug"), (0..group.len()).collect()));
        let mut reasons: Vec<_> = group.iter().map(|_| reason("None", None)).collect();
        reasons.push(reason("ConditionalCheckFailed", available.map(stock)));
        let name = |verdict: &Verdict| match verdict {
            Verdict::Again => "again",
            Verdict::Refused(_) => "refused",
            Verdict::Later => "later",
            _ => "other",
        };
        verdicts(&group, &slots, &reasons).iter().map(name).collect()
    }

    #[test]
    fn who_asks_for_more_than_there_is_is_refused_and_who_comes_too_late_waits() {
        assert_eq!(verdicts_on(&[2, 2, 2], Some(5)), ["again", "again", "later"]);
        assert_eq!(verdicts_on(&[6, 2, 2], Some(5)), ["refused", "again", "again"]);
        assert_eq!(verdicts_on(&[1, 1], None), ["refused", "refused"]);
    }

    #[test]
    fn an_event_that_was_applied_with_another_content_is_no_duplicate() {
        let attempt = attempt("evt_1");
        let done = attempt.done("", fanfare_event::Timestamp::UNIX_EPOCH);
        assert!(applied(&done, &attempt.digest).is_ok());
        assert!(matches!(applied(&done, "other"), Err(Failure::Permanent { .. })));
    }

    #[test]
    fn each_reason_has_its_verdict() {
        let group = [ready("evt_1", Work::did(""))];
        let verdict =
            |code| verdicts(&group, &[Slot::Guard(0)], &[reason(code, None)]).into_iter().next();
        assert!(matches!(verdict("ThrottlingError"), Some(Verdict::Throttled)));
        assert!(matches!(verdict("ProvisionedThroughputExceeded"), Some(Verdict::Throttled)));
        assert!(matches!(verdict("TransactionConflict"), Some(Verdict::Busy)));
        assert!(matches!(verdict("NeverHeardOf"), Some(Verdict::Busy)));
        for code in ["ValidationError", "ItemCollectionSizeLimitExceeded"] {
            assert!(matches!(verdict(code), Some(Verdict::Failed(Failure::Permanent { .. }))));
        }
    }

    #[test]
    fn a_conflict_blames_only_those_whose_item_it_is() {
        let group = [
            ready("evt_1", Work::did("")),
            ready("evt_2", Work::did("").write(take_stock("mug", 1))),
        ];
        let slots =
            [Slot::Guard(0), Slot::Guard(1), Slot::Write(STOCK, Key::new("sku", "mug"), vec![1])];
        let reasons =
            [reason("None", None), reason("None", None), reason("TransactionConflict", None)];
        let verdicts = verdicts(&group, &slots, &reasons);
        assert!(matches!(verdicts[..], [Verdict::Again, Verdict::Busy]), "{verdicts:?}");
    }

    /// The verdict on work one of whose events found its place taken.
    fn on_taken(work: Work) -> Verdict {
        let group = [ready("evt_1", work)];
        let slots = [Slot::Guard(0), Slot::Event(0, 0)];
        let reasons = [reason("None", None), reason("ConditionalCheckFailed", None)];
        verdicts(&group, &slots, &reasons).remove(0)
    }

    #[test]
    fn a_taken_place_is_passed_by_an_announcement_and_stops_who_wants_it_and_no_other() {
        let rang = Rang { bell: "bell-1".to_owned() };
        let work = || Work::did("");
        assert!(matches!(on_taken(work().announce(&rang)), Verdict::Overtaken));
        assert!(matches!(on_taken(work().announce_after(1, &rang)), Verdict::Outdated));
        let first = work().announce_first(&rang);
        let Verdict::Failed(failure) = on_taken(first) else { panic!("it is no failure") };
        let words = failure.to_string();
        assert!(["bell-1", "Rang", "use announce"].iter().all(|w| words.contains(w)), "{words}");
        let first = work().announce_first(&rang).otherwise(|_| Work::did("too late"));
        assert!(matches!(on_taken(first), Verdict::Refused(Refused { stream_moved_on: true, .. })));
    }
}
