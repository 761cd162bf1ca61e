//! Telling how far something is.

/// Hears how far something is, to draw it.
pub trait Progress: Sync {
    /// Something begins; what was told before is over.
    fn begin(&self, what: &'static str);
    /// So many steps more are to be done, as far as anybody knows.
    fn expect(&self, steps: u64);
    /// So many more are done.
    fn advance(&self, steps: u64);
}

/// Hears nothing.
impl Progress for () {
    fn begin(&self, _: &'static str) {}
    fn expect(&self, _: u64) {}
    fn advance(&self, _: u64) {}
}
