//! Counters of one item that several messages change in one transaction.

use std::collections::BTreeMap;

/// Counters of one item, as one or several units of work change them.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    pub(crate) add: BTreeMap<&'static str, i64>,
    pub(crate) at_least: BTreeMap<&'static str, i64>,
}

impl Counting {
    /// Takes a further change after those so far: its floors must hold once they are made.
    pub(crate) fn then(
        &mut self,
        add: &BTreeMap<&'static str, i64>,
        at_least: &BTreeMap<&'static str, i64>,
    ) {
        for (attribute, floor) in at_least {
            let before = self.add.get(attribute).copied().unwrap_or(0);
            let needed = floor.saturating_sub(before);
            let so_far = self.at_least.entry(attribute).or_insert(needed);
            *so_far = needed.max(*so_far);
        }
        for (attribute, amount) in add {
            let sum = self.add.entry(attribute).or_default();
            *sum = sum.saturating_add(*amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(changes: &[(i64, i64)]) -> (i64, i64) {
        let mut counting = Counting::default();
        for (floor, amount) in changes {
            let (add, at_least) = ([("n", *amount)].into(), [("n", *floor)].into());
            counting.then(&add, &at_least);
        }
        (counting.at_least["n"], counting.add["n"])
    }

    #[test]
    fn merged_floors_hold_one_after_the_other() {
        assert_eq!(counting(&[(3, -3), (2, -2)]), (5, -5));
        assert_eq!(counting(&[(3, 4), (5, -5)]), (3, -1));
        assert_eq!(counting(&[(10, -1), (2, -2)]), (10, -3));
    }
}
