//! How to go on after a replay that did not come to its end.

use super::Force;
use fanfare_event_store::Place;
use std::fmt;

/// How to go on, in the words of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resume {
    /// After which event; `None`: from the beginning.
    pub place: Option<Place>,
    /// The replay by force that it has to be again: under another name, what went already would be applied once
    /// more.
    pub force: Option<Force>,
}

impl fmt::Display for Resume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.place, self.force.as_ref().map(Force::name)) {
            (None, None) => write!(f, "the same command begins anew"),
            (None, Some(id)) => write!(f, "`--force --replay-id {id}` begins anew"),
            (Some(place), None) => write!(f, "`--resume {place}` goes on from there"),
            (Some(place), Some(id)) => {
                write!(f, "`--resume {place} --force --replay-id {id}` goes on from there")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_by_force_goes_on_under_its_own_name() {
        let place = || Some("0.3.room-7".parse::<Place>().expect("a place"));
        let force = || Some(Force::named("r1").expect("a name"));
        for (place, force, said) in [
            (None, None, "the same command begins anew"),
            (None, force(), "`--force --replay-id r1` begins anew"),
            (place(), None, "`--resume 0.3.room-7` goes on from there"),
            (place(), force(), "`--resume 0.3.room-7 --force --replay-id r1` goes on from there"),
        ] {
            assert_eq!(Resume { place, force }.to_string(), said);
        }
    }
}
