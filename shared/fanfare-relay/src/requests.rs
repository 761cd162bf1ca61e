//! Which announcements go into one request.

use crate::Announcement;
use fanfare_event_store::EVENT_TYPE;

/// Entries in one PublishBatch at the most
/// (<https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html>).
const ENTRIES_PER_REQUEST: usize = 10;
/// Bytes in one PublishBatch at the most, its messages and their attributes together: 256 KiB, the same page.
pub(crate) const BYTES: usize = 256 * 1024;

/// The bytes that an announcement counts in a request.
pub(crate) fn size(announcement: &Announcement) -> usize {
    let attribute = EVENT_TYPE.len() + "String".len() + announcement.event_type.len();
    announcement.envelope.len() + attribute
}

/// Runs of announcements that fit into one request each. One that fits into none by itself has a request of its own.
pub(crate) fn requests<'a, 'b>(due: &'b [&'a Announcement]) -> Vec<&'b [&'a Announcement]> {
    let mut requests = Vec::new();
    let mut start = 0;
    let mut bytes = 0;
    for (n, announcement) in due.iter().enumerate() {
        bytes += size(announcement);
        let full = n - start == ENTRIES_PER_REQUEST || bytes > BYTES;
        if full && n > start {
            requests.extend(due.get(start..n));
            (start, bytes) = (n, size(announcement));
        }
    }
    requests.extend(due.get(start..).filter(|rest| !rest.is_empty()));
    requests
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn announcement(place: usize, bytes: usize) -> Announcement {
        Announcement {
            sequence_number: place.to_string(),
            key: serde_json::Value::Null,
            stream: String::new(),
            event_type: "T".to_owned(),
            envelope: "x".repeat(bytes),
        }
    }

    proptest! {
        #[test]
        fn requests_hold_every_announcement_once_in_order_and_within_the_limits(
            sizes in prop::collection::vec(1_usize..100_000, 0..40)
        ) {
            let announcements: Vec<_> =
                sizes.iter().enumerate().map(|(n, bytes)| announcement(n, *bytes)).collect();
            let due: Vec<_> = announcements.iter().collect();
            let requests = requests(&due);

            prop_assert_eq!(requests.concat(), due.clone());
            for request in requests {
                prop_assert!((1..=10).contains(&request.len()));
                let bytes: usize = request.iter().map(|a| a.envelope.len()).sum();
                prop_assert!(bytes <= BYTES);
            }
        }
    }
}
