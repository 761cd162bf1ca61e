//! The order of a stream is kept.

use fanfare_relay::{Announcement, rounds};
use proptest::prelude::*;
use std::collections::HashSet;

fn announcements(streams: &[u8]) -> Vec<Announcement> {
    let one = |(n, stream): (usize, &u8)| Announcement {
        sequence_number: n.to_string(),
        key: serde_json::Value::Null,
        stream: format!("order-{stream}"),
        event_type: "TemperatureMeasured".to_owned(),
        envelope: "{}".to_owned(),
    };
    streams.iter().enumerate().map(one).collect()
}

#[test]
fn events_of_different_streams_go_together_and_of_one_stream_one_after_the_other() {
    assert_eq!(rounds(&announcements(b"aabca")), [vec![0, 2, 3], vec![1], vec![4]]);
}

proptest! {
    #[test]
    fn every_event_is_in_one_round_after_its_stream_s_earlier_ones(
        streams in prop::collection::vec(0_u8..5, 0..60)
    ) {
        let announcements = announcements(&streams);
        let rounds = rounds(&announcements);

        let all: Vec<usize> = rounds.concat();
        let mut sorted = all.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, (0..streams.len()).collect::<Vec<_>>());
        for round in &rounds {
            let distinct: HashSet<_> = round.iter().map(|n| &announcements[*n].stream).collect();
            prop_assert_eq!(distinct.len(), round.len());
        }
        for stream in 0_u8..5 {
            let places: Vec<_> = all.iter().filter(|n| streams[**n] == stream).collect();
            prop_assert!(places.is_sorted());
        }
    }
}
