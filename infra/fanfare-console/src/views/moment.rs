//! A trace as it was at a moment: what had happened, and what had become of it.

use fanfare_event::Timestamp;
use fanfare_operate::{Beginning, Consumption, Standing};

/// The same with nothing in it that is later. A consumer that had not ended then is pending: the ledger keeps no outcome but the last.
/// The moment is a millisecond since 1970, and all of it.
pub(crate) fn at(beginning: Beginning, moment: i64) -> Beginning {
    let is_there = |at: Timestamp| at.as_millisecond() <= moment;
    let Beginning { mut trace, mut events, is_cut } = beginning;
    trace.events.retain(|event| is_there(event.timestamp));
    events.retain(|event| is_there(event.timestamp));
    for one in trace.events.iter_mut().flat_map(|event| &mut event.consumers) {
        if one.finished_at.is_some_and(|ended| !is_there(ended)) {
            *one = pending(std::mem::take(&mut one.consumer));
        }
    }
    Beginning { trace, events, is_cut }
}

fn pending(consumer: String) -> Consumption {
    Consumption {
        consumer,
        outcome: Standing::Pending,
        attempts: 0,
        did: None,
        error: None,
        first_seen_at: None,
        finished_at: None,
        after_ms: None,
        duration_ms: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fanfare_event::Envelope;
    use serde_json::json;

    fn beginning() -> Beginning {
        let event = |id: &str, at: &str| {
            let json =
                json!({"eventType": "Opened", "eventId": id, "timestamp": at, "payload": {}});
            Envelope::from_json(&json.to_string()).expect("an event")
        };
        let traced = |id: &str, at: &str, finished: &str| {
            json!({"eventId": id, "eventType": "Opened", "timestamp": at, "consumers": [
                {"consumer": "climate", "outcome": "done", "attempts": 1, "finishedAt": finished}]})
        };
        let (one, two) = ("2024-01-15T10:30:00.000999Z", "2024-01-15T10:30:02Z");
        let trace = json!({"correlationId": "room-7", "events": [
            traced("evt_1", one, "2024-01-15T10:30:01Z"), traced("evt_2", two, "2024-01-15T10:30:03Z")]});
        Beginning {
            trace: serde_json::from_value(trace).expect("a trace"),
            events: vec![event("evt_1", one), event("evt_2", two)],
            is_cut: false,
        }
    }

    fn told(moment: &str) -> Vec<Standing> {
        let then = at(beginning(), moment.parse::<Timestamp>().expect("a moment").as_millisecond());
        assert_eq!(then.trace.events.len(), then.events.len());
        then.trace.events.iter().flat_map(|event| &event.consumers).map(|one| one.outcome).collect()
    }

    #[test]
    fn what_came_later_is_not_there_yet() {
        use Standing::{Done, Pending};
        assert_eq!(told("2024-01-15T10:29:59Z"), []);
        assert_eq!(told("2024-01-15T10:30:00Z"), [Pending]);
        assert_eq!(told("2024-01-15T10:30:02Z"), [Done, Pending]);
        assert_eq!(told("2024-01-15T10:30:03Z"), [Done, Done]);
    }
}
