//! What a run is to be like.

use crate::faults::Kinds;
use crate::mutants::Mutant;

/// One run's plan; all that it leaves open follows from the seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// A mechanism that is off.
    pub(crate) mutant: Option<Mutant>,
    /// Whether the history is printed.
    pub(crate) verbose: bool,
    /// How many orders there are, if the seed is not to say.
    pub(crate) orders: Option<u64>,
    pub(crate) faults: Kinds,
}
