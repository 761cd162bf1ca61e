//! What the services that live in memory hold, queues and mailbox, in a file: a runner that is killed finds it again.
//!
//! A message is written before its sender is answered, and removed once its receiver has deleted it. Nothing waits for
//! the disk (SQLite's `synchronous = NORMAL`, as for the tables): a killed process loses nothing, a power cut may lose the last
//! moments.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Result, Transaction, params};

/// A message's id is its key in SQS too.
const LAYOUT: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS messages (
        id TEXT PRIMARY KEY, queue TEXT NOT NULL, message TEXT, receives INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE IF NOT EXISTS mails (id TEXT PRIMARY KEY, mail TEXT NOT NULL);";

/// The journal of one runner; the default one keeps nothing. Cloning is cheap and shares it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal(Option<Arc<Mutex<Connection>>>);

/// A message that was in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) queue: String,
    pub(crate) message: String,
    /// How often it was received from there.
    pub(crate) receives: u32,
}

impl Journal {
    /// Opens a journal, in a file that is there.
    pub(crate) fn open(file: &Path) -> Result<Self> {
        let connection = Connection::open(file)?;
        connection.execute_batch(LAYOUT)?;
        Ok(Self(Some(Arc::new(Mutex::new(connection)))))
    }

    /// Whether anything is kept.
    pub(crate) fn is_kept(&self) -> bool {
        self.0.is_some()
    }

    /// A message is in a queue.
    pub(crate) async fn add(&self, entry: Entry) -> Result<()> {
        self.write(move |journal| add(journal, &entry)).await
    }

    /// Messages were received once more.
    pub(crate) async fn received(&self, ids: Vec<String>) -> Result<()> {
        self.write(move |journal| {
            let mut statement = journal
                .prepare_cached("UPDATE messages SET receives = receives + 1 WHERE id = ?")?;
            ids.iter().try_for_each(|id| statement.execute([id]).map(drop))
        })
        .await
    }

    /// Messages are in another queue, a dead-letter queue, where their receives are counted on.
    pub(crate) async fn moved(&self, to: String, ids: Vec<String>) -> Result<()> {
        self.write(move |journal| {
            let mut statement =
                journal.prepare_cached("UPDATE messages SET queue = ? WHERE id = ?")?;
            ids.iter().try_for_each(|id| statement.execute([&to, id]).map(drop))
        })
        .await
    }

    /// A message is in another queue, where its receives are counted anew.
    pub(crate) async fn moved_anew(&self, to: String, id: String) -> Result<()> {
        self.write(move |journal| {
            let mut statement = journal
                .prepare_cached("UPDATE messages SET queue = ?, receives = 0 WHERE id = ?")?;
            statement.execute([&to, &id]).map(drop)
        })
        .await
    }

    /// A message is in no queue any more.
    pub(crate) async fn remove(&self, id: String) -> Result<()> {
        self.write(move |journal| {
            let mut statement = journal.prepare_cached("DELETE FROM messages WHERE id = ?")?;
            statement.execute([&id]).map(drop)
        })
        .await
    }

    /// A queue was emptied.
    pub(crate) async fn purge(&self, queue: String) -> Result<()> {
        self.write(move |journal| {
            journal.execute("DELETE FROM messages WHERE queue = ?", [&queue]).map(drop)
        })
        .await
    }

    /// Every message, in the order in which they were sent.
    pub(crate) fn messages(&self) -> Result<Vec<Entry>> {
        let entry = |row: &rusqlite::Row<'_>| {
            let (id, queue) = (row.get(0)?, row.get(1)?);
            Ok(Entry { id, queue, message: row.get(2)?, receives: row.get(3)? })
        };
        let all = "SELECT id, queue, message, receives FROM messages WHERE message IS NOT NULL ORDER BY rowid";
        self.read(|journal| journal.prepare(all)?.query_map([], entry)?.collect())
    }

    /// A mail was sent.
    pub(crate) async fn add_mail(&self, id: String, mail: String) -> Result<()> {
        self.write(move |journal| {
            let mut statement =
                journal.prepare_cached("INSERT OR REPLACE INTO mails VALUES (?, ?)")?;
            statement.execute([&id, &mail]).map(drop)
        })
        .await
    }

    /// Every mail.
    pub(crate) fn mails(&self) -> Result<Vec<String>> {
        let all = "SELECT mail FROM mails ORDER BY rowid";
        self.read(|journal| journal.prepare(all)?.query_map([], |row| row.get(0))?.collect())
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<Vec<T>>) -> Result<Vec<T>> {
        match &self.0 {
            Some(journal) => read(&journal.lock().unwrap_or_else(PoisonError::into_inner)),
            None => Ok(Vec::new()),
        }
    }

    /// Writes all or nothing, on a thread that may wait: now and then SQLite does.
    async fn write<W>(&self, write: W) -> Result<()>
    where
        W: FnOnce(&Transaction<'_>) -> Result<()> + Send + 'static,
    {
        let Some(journal) = self.0.clone() else { return Ok(()) };
        let written = tokio::task::spawn_blocking(move || {
            let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction = journal.transaction()?;
            write(&transaction)?;
            transaction.commit()
        });
        match written.await {
            Ok(written) => written,
            Err(failure) => std::panic::resume_unwind(failure.into_panic()),
        }
    }
}

fn add(journal: &Transaction<'_>, entry: &Entry) -> Result<()> {
    let Entry { id, queue, message, receives } = entry;
    let mut statement = journal.prepare_cached(
        "INSERT INTO messages (id, queue, message, receives) VALUES (?, ?, ?, ?)",
    )?;
    statement.execute(params![id, queue, message, receives]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, queue: &str) -> Entry {
        Entry { id: id.to_owned(), queue: queue.to_owned(), message: "{}".to_owned(), receives: 0 }
    }

    fn ids(journal: &Journal) -> Vec<String> {
        journal.messages().expect("messages").into_iter().map(|entry| entry.id).collect()
    }

    #[tokio::test]
    async fn what_was_added_and_not_removed_is_there_when_it_is_opened_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("journal.sqlite");
        let journal = Journal::open(&file).expect("a journal");
        for id in ["z", "a", "gone"] {
            journal.add(entry(id, "q")).await.expect("added");
        }
        journal.remove("gone".to_owned()).await.expect("removed");
        journal.add_mail("m".to_owned(), "mail".to_owned()).await.expect("added");
        // A killed process closes nothing.
        std::mem::forget(journal);
        let journal = Journal::open(&file).expect("a journal");
        assert_eq!(ids(&journal), ["z", "a"], "in the order in which they were sent");
        assert_eq!(journal.mails().expect("mails"), ["mail"]);
    }

    #[tokio::test]
    async fn receives_are_counted_on_in_a_dead_letter_queue_and_anew_after_a_move_task() {
        let folder = tempfile::tempdir().expect("a folder");
        let journal = Journal::open(&folder.path().join("journal.sqlite")).expect("a journal");
        journal.add(entry("a", "q")).await.expect("added");
        let known = || {
            let known = journal.messages().expect("messages").remove(0);
            (known.queue, known.receives)
        };
        for receives in 1..=2 {
            journal.received(vec!["a".to_owned()]).await.expect("noted");
            assert_eq!(known(), ("q".to_owned(), receives));
        }
        journal.moved("dead".to_owned(), vec!["a".to_owned()]).await.expect("moved");
        journal.received(vec!["a".to_owned()]).await.expect("noted");
        assert_eq!(known(), ("dead".to_owned(), 3));
        journal.moved_anew("q".to_owned(), "a".to_owned()).await.expect("moved");
        assert_eq!(known(), ("q".to_owned(), 0));
    }
}
