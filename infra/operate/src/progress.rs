//! Telling how far something is.

/// Hears how far something is, to draw it.
pub trait Progress: Sync {
    /// So many letters are there to be gone through, as far as SQS knows.
    fn expect(&self, letters: u64);
    /// So many more are done.
    fn advance(&self, letters: u64);
}

/// Hears nothing.
impl Progress for () {
    fn expect(&self, _: u64) {}
    fn advance(&self, _: u64) {}
}
