//! An error and its causes in one line.

use std::error::Error;
use std::fmt;

/// Shows an error and all its sources, parted by `: `. Used once, where an error leaves the program or
/// enters a log; the errors themselves never repeat their source.
///
/// ```
/// use fanfare_bootstrap::ErrorChain;
///
/// #[derive(Debug, thiserror::Error)]
/// #[error("the sensor can't be reached")]
/// struct Unreachable(#[source] std::io::Error);
///
/// let error = Unreachable(std::io::Error::other("no route"));
/// assert_eq!(ErrorChain(&error).to_string(), "the sensor can't be reached: no route");
/// ```
pub struct ErrorChain<'a>(pub &'a (dyn Error + 'a));

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}
