//! What may be published at once without breaking a stream's order.

use crate::Announcement;
use std::collections::HashMap;

/// Parts announcements into rounds: the first round holds the first event of every stream, the second
/// their second, and so on. Within a round no two events are of one stream, so they may be published in
/// any order. Each round lists places in `announcements`, ascending.
pub fn rounds(announcements: &[Announcement]) -> Vec<Vec<usize>> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    for (n, announcement) in announcements.iter().enumerate() {
        let round = seen.entry(&announcement.stream).or_default();
        match rounds.get_mut(*round) {
            Some(members) => members.push(n),
            None => rounds.push(vec![n]),
        }
        *round += 1;
    }
    rounds
}
