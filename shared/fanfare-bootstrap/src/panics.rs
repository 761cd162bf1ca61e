//! Panics: where they happened, without their words, which may quote what is in an event.

use std::cell::Cell;
use std::panic::PanicHookInfo;

thread_local! {
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Has every panic of this process told by a line of the log, and its place remembered.
pub(crate) fn tell() {
    std::panic::set_hook(Box::new(|panic: &PanicHookInfo<'_>| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
        PLACE.set(Some(place));
    }));
}

/// Where this thread panicked last, as file, line and column; `None` when it did not since the last time this was asked,
/// or before logging was started.
///
/// ```
/// use fanfare_bootstrap::{Environment, init_logging, panic_place};
///
/// init_logging(&Environment::default())?;
/// assert!(std::panic::catch_unwind(|| panic!("ada@example.com")).is_err());
/// assert!(panic_place().is_some_and(|place| !place.contains("ada")));
/// assert_eq!(panic_place(), None);
/// # Ok::<(), fanfare_bootstrap::SettingError>(())
/// ```
pub fn panic_place() -> Option<String> {
    PLACE.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_leaves_its_place_once_and_not_its_words() {
        tell();
        let caught = std::panic::catch_unwind(|| panic!("ada@example.com"));
        assert!(caught.is_err());
        let place = panic_place().expect("a place");
        assert!(place.contains("panics.rs:") && !place.contains("ada"), "{place}");
        assert_eq!(panic_place(), None);
    }
}
