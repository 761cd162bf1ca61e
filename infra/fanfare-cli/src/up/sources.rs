//! The files of a workspace that a program may be built from, as they change.

use crate::terminal::complain;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::future::pending;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How long nothing may change before a build begins: an editor writes a file in several steps.
const QUIET: Duration = Duration::from_millis(50);

/// A folder can't be watched.
#[derive(Debug, thiserror::Error)]
#[error("cannot watch {}", folder.display())]
pub(super) struct Unwatchable {
    folder: PathBuf,
    #[source]
    source: notify::Error,
}

/// A workspace's folders, all but what is built there, what is hidden, and the runner's own data.
pub(super) struct Sources {
    root: PathBuf,
    watcher: RecommendedWatcher,
    changes: UnboundedReceiver<PathBuf>,
}

impl Sources {
    /// Watches from now on.
    ///
    /// # Errors
    /// [`Unwatchable`].
    pub(super) fn watch(root: &Path, data: Option<PathBuf>) -> Result<Self, Unwatchable> {
        let (sender, changes) = unbounded_channel();
        let base = root.to_owned();
        let note = move |event: notify::Result<Event>| match event {
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => {}
            Ok(event) => {
                let is_data =
                    |path: &Path| data.as_ref().is_some_and(|data| path.starts_with(data));
                let sources = event.paths.into_iter();
                let sources = sources.filter(|path| is_source(path, &base) && !is_data(path));
                // Who does not listen any more is about to end.
                sources.for_each(|path| drop(sender.send(path)));
            }
            Err(error) => complain(&format!("a change may have been missed: {error}")),
        };
        let watcher = notify::recommended_watcher(note).map_err(unwatchable(root))?;
        let mut sources = Self { root: root.to_owned(), watcher, changes };
        let watched = sources.watcher.watch(root, RecursiveMode::NonRecursive);
        watched.map_err(unwatchable(root))?;
        let entries =
            std::fs::read_dir(root).map_err(|error| unwatchable(root)(notify::Error::io(error)))?;
        sources.watch_folders(entries.filter_map(|entry| Some(entry.ok()?.path())))?;
        Ok(sources)
    }

    /// The files that have changed, once that has been quiet for a moment. A folder that is new is watched from then on.
    ///
    /// # Errors
    /// [`Unwatchable`]: such a folder.
    pub(super) async fn next(&mut self) -> Result<BTreeSet<PathBuf>, Unwatchable> {
        let mut changed = BTreeSet::new();
        match self.changes.recv().await {
            Some(first) => changed.insert(first),
            // The watcher is gone with its thread: there is nothing to wait for any more.
            None => pending().await,
        };
        while let Ok(Some(more)) = tokio::time::timeout(QUIET, self.changes.recv()).await {
            changed.insert(more);
        }
        self.watch_folders(changed.iter().cloned())?;
        Ok(changed)
    }

    /// Watches those that are folders of the workspace itself; what is below them is watched with them.
    fn watch_folders(&mut self, paths: impl Iterator<Item = PathBuf>) -> Result<(), Unwatchable> {
        let is_folder = |path: &PathBuf| {
            path.parent() == Some(&*self.root) && path.is_dir() && is_source(path, &self.root)
        };
        let folders: Vec<PathBuf> = paths.filter(is_folder).collect();
        for folder in folders {
            match self.watcher.watch(&folder, RecursiveMode::Recursive) {
                // It was there for a moment.
                Err(_) if !folder.exists() => {}
                watched => watched.map_err(unwatchable(&folder))?,
            }
        }
        Ok(())
    }
}

fn unwatchable(folder: &Path) -> impl FnOnce(notify::Error) -> Unwatchable {
    let folder = folder.to_owned();
    |source| Unwatchable { folder, source }
}

/// Whether a path is nothing that is built, hidden or an editor's own.
fn is_source(path: &Path, root: &Path) -> bool {
    let inside = path.strip_prefix(root).unwrap_or(path);
    inside.components().all(|part| match part {
        Component::Normal(name) => {
            let name = name.to_string_lossy();
            !(name.starts_with('.')
                || name.ends_with('~')
                || name == "target"
                || name == "Cargo.lock")
        }
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_hidden_or_an_editors_own_is_no_source() {
        let root = Path::new("/home/ada/target/greenhouse");
        for (path, expected) in [
            ("functions/climate/src/lib.rs", true),
            ("Cargo.toml", true),
            ("target/debug/climate", false),
            ("tests/outside/target/debug/climate", false),
            (".git/index", false),
            ("src/.lib.rs.swp", false),
            ("src/lib.rs~", false),
            ("Cargo.lock", false),
        ] {
            assert_eq!(is_source(&root.join(path), root), expected, "{path}");
        }
    }

    #[tokio::test]
    async fn a_folder_that_is_new_is_watched_too() {
        let root = std::env::temp_dir().join(format!("fanfare-sources-{}", std::process::id()));
        std::fs::create_dir_all(&root).expect("a folder");
        let root = root.canonicalize().expect("a real path");
        let mut sources = Sources::watch(&root, None).expect("watchable");

        std::fs::create_dir(root.join("functions")).expect("a folder");
        let changed = sources.next().await.expect("watchable");
        assert!(changed.contains(&root.join("functions")), "{changed:?}");
        let file = root.join("functions/lib.rs");
        std::fs::write(&file, "").expect("written");

        let changed = sources.next().await.expect("watchable");
        assert!(changed.contains(&file), "{changed:?}");
        std::fs::remove_dir_all(&root).expect("removed");
    }
}
