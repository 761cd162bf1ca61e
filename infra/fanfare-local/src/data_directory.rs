//! The data directory: what outlives a runner, and the lock that keeps a second one out.
//!
//! Tables are a database file, which is true to the last write. Queues are in memory, so that their messages,
//! and how far each stream was read, are saved by a graceful stop only. After any other end the streams are
//! read again from what was saved last: events repeat, and none is lost.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{StartError, StopError};
use crate::queues::SavedMessage;

/// An open data directory, ours alone for as long as this lives.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

/// What a graceful stop saves.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// Messages by the names of their queues.
    pub(crate) queues: BTreeMap<String, Vec<SavedMessage>>,
    /// The last sequence number dealt with, by the logical ids of the mappings.
    pub(crate) checkpoints: BTreeMap<String, String>,
}

impl DataDirectory {
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        let failed = |path: &Path, source| StartError::Data { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(|source| failed(path, source))?;
        let lock_file = path.join("lock");
        let lock = File::options().create(true).append(true).open(&lock_file);
        let lock = lock.map_err(|source| failed(&lock_file, source))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StartError::DataInUse(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(&lock_file, source)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The database file of the tables.
    pub(crate) fn tables(&self) -> PathBuf {
        self.path.join("tables.sqlite")
    }

    fn saved(&self) -> PathBuf {
        self.path.join("saved.json")
    }

    /// What the last graceful stop saved. It stays there: if this run ends in any other way, it is what the
    /// next one goes on from.
    pub(crate) fn load(&self) -> Result<Saved, StartError> {
        let path = self.saved();
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map_err(|source| StartError::DataDamaged { path, source }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Saved::default()),
            Err(source) => Err(StartError::Data { path, source }),
        }
    }

    /// Saves all or nothing: the file is replaced only once the new one is on the disk.
    pub(crate) fn save(&self, saved: &Saved) -> Result<(), StopError> {
        let path = self.saved();
        let draft = self.path.join("saved.json.new");
        let write = || {
            let mut file = File::create(&draft)?;
            file.write_all(&serde_json::to_vec(saved)?)?;
            file.sync_all()?;
            fs::rename(&draft, &path)
        };
        write().map_err(|source| StopError::NotSaved { path: path.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_there_again_and_stays_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = DataDirectory::open(folder.path()).expect("a data directory");
        assert_eq!(data.load().expect("nothing yet"), Saved::default());
        let checkpoints =
            BTreeMap::from([("Relay".to_owned(), "100000000000000000001".to_owned())]);
        let saved = Saved {
            checkpoints,
            queues: BTreeMap::from([("q".to_owned(), vec![SavedMessage::default()])]),
        };
        data.save(&saved).expect("saved");
        assert_eq!(data.load().expect("saved"), saved);
        assert_eq!(data.load().expect("still saved"), saved);
    }

    #[test]
    fn a_second_runner_is_kept_out_until_the_first_is_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = DataDirectory::open(folder.path()).expect("a data directory");
        let error = DataDirectory::open(folder.path()).expect_err("in use");
        assert!(matches!(error, StartError::DataInUse(_)), "{error}");
        drop(first);
        DataDirectory::open(folder.path()).expect("free again");
    }

    #[test]
    fn a_damaged_file_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = DataDirectory::open(folder.path()).expect("a data directory");
        fs::write(folder.path().join("saved.json"), "{").expect("written");
        assert!(data.load().expect_err("damaged").to_string().contains("saved.json is damaged"));
    }
}
