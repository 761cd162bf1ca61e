//! The data directory: what outlives a runner, and the lock that keeps a second one out.
//!
//! Tables are a database file, queues and mailbox a journal, both true to the last write. How far each stream was read is
//! saved by a graceful stop only: after any other end the streams are read again from what was saved last, so that events
//! repeat and none is lost.
//!
//! Events and mails are nobody else's business: the folder is its owner's alone (0700), and so are its files (0600).

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{StartError, StopError};

/// An open data directory, ours alone for as long as this lives.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

/// What a graceful stop saves.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// The last sequence number dealt with, by the logical ids of the mappings.
    pub(crate) checkpoints: BTreeMap<String, String>,
}

impl DataDirectory {
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        let failed = |path: &Path, source| StartError::Data { path: path.to_owned(), source };
        let lock_file = path.join("lock");
        make_private(path, &lock_file).map_err(|source| failed(path, source))?;
        let lock = private_file(&lock_file).map_err(|source| failed(&lock_file, source))?;
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
    pub(crate) fn tables(&self) -> Result<PathBuf, StartError> {
        self.database("tables.sqlite")
    }

    /// The file of what is in queues and mailbox.
    pub(crate) fn journal(&self) -> Result<PathBuf, StartError> {
        self.database("journal.sqlite")
    }

    /// A file for SQLite, which gives those beside it the same permissions.
    fn database(&self, name: &str) -> Result<PathBuf, StartError> {
        let path = self.path.join(name);
        match private_file(&path) {
            Ok(_) => Ok(path),
            Err(source) => Err(StartError::Data { path, source }),
        }
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
            let mut file = private_file(&draft)?;
            file.set_len(0)?;
            file.write_all(&serde_json::to_vec(saved)?)?;
            file.sync_all()?;
            fs::rename(&draft, &path)
        };
        write().map_err(|source| StopError::NotSaved { path: path.clone(), source })
    }
}

/// The folder is there, and is its owner's alone if it is a data directory. What somebody named by mistake, such as their home,
/// keeps its permissions.
fn make_private(path: &Path, lock_file: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let is_ours = lock_file.exists() || fs::read_dir(path)?.next().is_none();
    match is_ours {
        true => fs::set_permissions(path, Permissions::from_mode(0o700)),
        false => Ok(()),
    }
}

/// A file that is its owner's alone, made if it is not there.
fn private_file(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
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
        let saved = Saved { checkpoints };
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

    #[test]
    fn folder_and_files_are_their_owner_s_alone_and_a_folder_of_something_else_is_left_as_it_is() {
        let outer = tempfile::tempdir().expect("a folder");
        let mode =
            |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        let folder = outer.path().join("data");
        let data = DataDirectory::open(&folder).expect("a data directory");
        data.save(&Saved::default()).expect("saved");
        let files = [data.tables().expect("a file"), data.journal().expect("a file")];
        assert_eq!(mode(&folder), 0o700);
        for file in files.iter().chain([&folder.join("saved.json"), &folder.join("lock")]) {
            assert_eq!(mode(file), 0o600, "{}", file.display());
        }
        let home = outer.path().join("home");
        fs::create_dir(&home).expect("a folder");
        fs::set_permissions(&home, Permissions::from_mode(0o755)).expect("set");
        fs::write(home.join("letter"), "").expect("written");
        DataDirectory::open(&home).expect("a data directory");
        assert_eq!(mode(&home), 0o755);
    }
}
