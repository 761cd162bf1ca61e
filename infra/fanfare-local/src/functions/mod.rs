//! The template's functions: their programs, their processes, and the Runtime API that feeds them.

mod interpreter;
mod no_program;
mod output;
mod places;
mod pool;
mod process;
mod processor;
mod program;
mod runtime_api;
mod watchdog;
mod workspace;

use std::sync::Arc;

use crate::error::StartError;
use crate::template::stack::{Source, Stack};

use watchdog::Watchdog;

pub(crate) use places::Places;
pub(crate) use pool::{ACCESS_KEY, Failure, Outcome, Pool, Settings};
pub(crate) use program::Program;

/// All functions of a runner.
#[derive(Debug)]
pub(crate) struct Functions(Vec<Arc<Pool>>);

impl Functions {
    /// Those of a stack, with their programs in the same order. What a function may run at once is what it reserves, or
    /// else what its mappings need, and some more for those who call it.
    pub(crate) fn of(
        stack: &Stack,
        programs: Vec<Program>,
        settings: &Settings,
    ) -> Result<Self, StartError> {
        let watchdog = Arc::new(Watchdog::start().map_err(StartError::Watchdog)?);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let pools = stack.functions.iter().zip(programs).map(|(function, program)| {
            let mapped =
                stack.mappings.iter().filter(|mapping| mapping.function == function.logical_id);
            let needed = mapped.map(|mapping| match mapping.source {
                Source::Queue { maximum_concurrency: Some(most), .. } => {
                    usize::try_from(most).unwrap_or_default()
                }
                _ => 1,
            });
            let usual = needed.sum::<usize>().max(2 * cores).max(4);
            let reserved =
                function.reserved_concurrency.and_then(|reserved| usize::try_from(reserved).ok());
            let concurrency = reserved.unwrap_or(usual);
            let (function, settings) = (function.clone(), settings.clone());
            Pool::new(function, program, concurrency, settings, watchdog.clone())
        });
        Ok(Self(pools.collect()))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Pool>> {
        self.0.iter()
    }

    pub(crate) fn by_logical_id(&self, logical_id: &str) -> Option<&Arc<Pool>> {
        self.0.iter().find(|pool| pool.function.logical_id == logical_id)
    }

    /// By what a caller may know a function as: its name, ARN (with or without a qualifier), logical id,
    /// or the name of its program.
    pub(crate) fn find(&self, name: &str) -> Option<&Arc<Pool>> {
        let name = name.strip_suffix(":$LATEST").unwrap_or(name);
        let by =
            |known: fn(&Pool) -> Option<&str>| self.0.iter().find(|pool| known(pool) == Some(name));
        by(|pool| Some(&pool.function.name))
            .or_else(|| by(|pool| Some(&pool.function.arn)))
            .or_else(|| by(|pool| Some(&pool.function.logical_id)))
            .or_else(|| by(|pool| Some(&pool.function.program)))
    }

    /// Ends every process, and waits until they are gone.
    pub(crate) async fn stop(&self) {
        for pool in &self.0 {
            pool.stop().await;
        }
    }
}
