//! How much memory decoding may take.

use allocation_counter::measure;

/// What may be allocated at once, for an input of so many bytes: `fixed` and `per_byte` for each.
#[derive(Clone, Copy)]
pub(crate) struct Budget {
    pub(crate) fixed: usize,
    pub(crate) per_byte: usize,
}

impl Budget {
    /// Runs `work` on an input of this length.
    ///
    /// # Panics
    /// When it has more memory at once than the budget, which fails the test.
    pub(crate) fn hold<T>(self, length: usize, work: impl FnOnce() -> T) -> T {
        let mut result = None;
        let used = measure(|| result = Some(work()));
        let allowed = self.fixed + self.per_byte * length;
        let peak = usize::try_from(used.bytes_max).expect("fits");
        assert!(peak <= allowed, "{peak} bytes at once for an input of {length}");
        result.expect("it ran")
    }
}

#[test]
#[should_panic(expected = "11 bytes at once for an input of 10")]
fn more_than_the_budget_fails_a_test() {
    Budget { fixed: 0, per_byte: 1 }.hold(10, || vec![0_u8; 11]);
}
