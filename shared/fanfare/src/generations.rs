//! A map of a bounded size that forgets what was put into it longest ago.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// Two generations: when the newer one is full, it becomes the older, and what was the older is forgotten. So it keeps
/// the last `size` entries at least, and twice as many at the most.
#[derive(Debug)]
pub(crate) struct Generations<K, V> {
    newer: HashMap<K, V>,
    older: HashMap<K, V>,
    size: usize,
}

impl<K: Eq + Hash, V> Generations<K, V> {
    pub(crate) fn of(size: usize) -> Self {
        Self { newer: HashMap::new(), older: HashMap::new(), size }
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        if self.newer.len() >= self.size {
            std::mem::swap(&mut self.newer, &mut self.older);
            self.newer.clear();
        }
        self.newer.insert(key, value);
    }

    pub(crate) fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.newer.get(key).or_else(|| self.older.get(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_known_and_the_oldest_forgotten() {
        let mut map = Generations::of(10);
        (0..30).for_each(|n| map.insert(n, n));
        let known: Vec<_> = (0..30).filter(|n| map.get(n).is_some()).collect();
        assert_eq!(known, (10..30).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_put_in_again_is_what_was_put_in_last() {
        let mut map = Generations::of(2);
        for n in 0..5 {
            map.insert("key", n);
            map.insert("other", n);
            map.insert("third", n);
            assert_eq!(map.get("key"), Some(&n));
        }
    }
}
