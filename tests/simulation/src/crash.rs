//! A future that may be dropped at one of its await points, or stand still at it, for a while or for ever.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// What becomes of an invocation that is not left in peace.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fate {
    /// How often it is polled at the most.
    pub(crate) polls: Option<u64>,
    /// At which of its polls it stands still for ever: what it waits for never comes, until its time is over.
    pub(crate) hangs: Option<u64>,
    /// After which time it stands still, and how long: as a virtual machine that is paused does.
    pub(crate) stall: Option<(Duration, Duration)>,
}

/// A future with its fate. It ends with `None`, for its owner to drop, instead of being polled too often.
pub(crate) struct Fated<F> {
    inner: Pin<Box<F>>,
    polls_left: Option<u64>,
    polls_until_it_hangs: Option<u64>,
    stalls: Option<(Pin<Box<Sleep>>, Duration)>,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<F: Future> Fated<F> {
    pub(crate) fn new(fate: Fate, future: F) -> Self {
        Self {
            inner: Box::pin(future),
            polls_left: fate.polls,
            polls_until_it_hangs: fate.hangs,
            stalls: fate.stall.map(|(after, length)| (Box::pin(sleep(after)), length)),
            stalled: None,
        }
    }
}

impl<F: Future> Future for Fated<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some((due, length)) = &mut self.stalls
            && due.as_mut().poll(context).is_ready()
        {
            self.stalled = Some(Box::pin(sleep(*length)));
            self.stalls = None;
        }
        if let Some(over) = &mut self.stalled {
            if over.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.stalled = None;
        }
        match &mut self.polls_until_it_hangs {
            Some(0) => return Poll::Pending,
            Some(polls) => *polls -= 1,
            None => {}
        }
        match &mut self.polls_left {
            Some(0) => return Poll::Ready(None),
            Some(polls) => *polls -= 1,
            None => {}
        }
        self.inner.as_mut().poll(context).map(Some)
    }
}
