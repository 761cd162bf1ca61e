//! Telling how far something is.

/// Hears how far something is, to draw it.
pub trait Progress: Sync {
    /// Something begins that takes about so many steps; 0 when nobody knows.
    fn begin(&self, what: &'static str, steps: u64);
    /// So many more are done.
    fn advance(&self, steps: u64);
}

/// Hears nothing.
impl Progress for () {
    fn begin(&self, _: &'static str, _: u64) {}
    fn advance(&self, _: u64) {}
}
