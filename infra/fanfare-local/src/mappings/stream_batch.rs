//! What to do with a batch of stream records after a try: Lambda's rules of retry, bisection and giving up.

use std::time::Duration;

use super::report::Report;

/// Records that are tried together: a range of places within what was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Try {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Tries of these records that failed.
    pub(super) failures: u32,
}

impl Try {
    pub(super) fn new(from: usize, to: usize) -> Self {
        Self { from, to, failures: 0 }
    }
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Everything before `done` is dealt with; these follow, in this order.
    Continue { done: usize, tries: Vec<Try> },
    /// The records are given up.
    GiveUp,
}

/// How a mapping handles failures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) maximum_retry_attempts: Option<u32>,
    pub(super) bisect_on_error: bool,
}

impl Rules {
    /// Decides by what the function reported of the records (places count from the first of them).
    pub(super) fn after(&self, tried: &Try, report: &Report) -> Next {
        let Try { from, to, failures } = *tried;
        let first_failed = match report {
            Report::AllGood => return Next::Continue { done: to, tries: Vec::new() },
            Report::Failed(places) => from + places.first().copied().unwrap_or_default(),
            Report::Senseless => from,
        };
        if first_failed > from {
            // Some of the batch is dealt with: the rest begins anew.
            return Next::Continue { done: first_failed, tries: vec![Try::new(first_failed, to)] };
        }
        let length = to - from;
        // A reported failure names its record, so that there is nothing left to find by halving.
        if self.bisect_on_error && length > 1 && matches!(report, Report::Senseless) {
            let middle = from + length / 2;
            let half = |from, to| Try { from, to, failures };
            return Next::Continue {
                done: from,
                tries: vec![half(from, middle), half(middle, to)],
            };
        }
        if self.maximum_retry_attempts.is_some_and(|most| failures >= most) {
            return Next::GiveUp;
        }
        Next::Continue { done: from, tries: vec![Try { from, to, failures: failures + 1 }] }
    }
}

/// The pause before the next try, longer after each failure.
pub(super) fn pause(failures: u32) -> Duration {
    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(30);
    FIRST.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { maximum_retry_attempts: Some(2), bisect_on_error: false };

    #[test]
    fn a_partial_failure_goes_on_from_the_first_record_that_failed() {
        let next = RULES.after(&Try::new(0, 10), &Report::Failed(vec![3, 7]));
        assert_eq!(next, Next::Continue { done: 3, tries: vec![Try::new(3, 10)] });
    }

    #[test]
    fn a_batch_is_given_up_after_its_retries() {
        let tried = |failures| Try { from: 0, to: 2, failures };
        for failures in 0..2 {
            let again = Next::Continue { done: 0, tries: vec![tried(failures + 1)] };
            assert_eq!(RULES.after(&tried(failures), &Report::Senseless), again);
        }
        assert_eq!(RULES.after(&tried(2), &Report::Failed(vec![0])), Next::GiveUp);
    }

    #[test]
    fn halving_does_not_count_as_a_retry_and_ends_at_one_record() {
        let rules = Rules { bisect_on_error: true, ..RULES };
        let next = rules.after(&Try::new(4, 9), &Report::Senseless);
        assert_eq!(next, Next::Continue { done: 4, tries: vec![Try::new(4, 6), Try::new(6, 9)] });
        let next = rules.after(&Try::new(4, 5), &Report::Senseless);
        assert_eq!(
            next,
            Next::Continue { done: 4, tries: vec![Try { from: 4, to: 5, failures: 1 }] }
        );
    }

    #[test]
    fn pauses_grow_up_to_a_limit() {
        assert_eq!(pause(1), Duration::from_millis(100));
        assert_eq!(pause(3), Duration::from_millis(400));
        assert_eq!(pause(60), Duration::from_secs(30));
    }
}
