//! The embedded DynamoDB (`dynoxide`): opening it, and telling the stream readers of every write.

use std::path::Path;
use std::sync::Arc;

use dynoxide::Database;
use rusqlite::Connection;
use tokio::sync::watch;

use crate::endpoint::TransactionTokens;
use crate::error::StartError;

/// The tables of one runner. Cloning is cheap and shares them.
#[derive(Clone)]
pub(crate) struct Tables {
    pub(crate) database: Database,
    pub(crate) tokens: Arc<TransactionTokens>,
    /// Whether a call may wait for the disk, and so must not hold up the async threads.
    on_disk: bool,
    written: watch::Sender<()>,
}

/// dynoxide finds a stream's last record by reading all of them, on every write and every read (3.2.0);
/// with this index it looks one up, however long the stream has become.
const STREAM_INDEX: &str = "CREATE INDEX IF NOT EXISTS _fanfare_stream_position
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

/// A write that changes nothing is no event of a stream, but dynoxide (3.2.0) records it. What a stream without both images
/// records can't be judged, and stays. Attributes come in any order.
const NO_CHANGE: &str =
    "CREATE TRIGGER IF NOT EXISTS _fanfare_no_change BEFORE INSERT ON _stream_records
    WHEN NEW.event_name = 'MODIFY' AND NEW.old_image IS NOT NULL AND NEW.new_image IS NOT NULL
    AND NOT EXISTS (SELECT key, value FROM json_each(NEW.old_image)
        EXCEPT SELECT key, value FROM json_each(NEW.new_image))
    AND NOT EXISTS (SELECT key, value FROM json_each(NEW.new_image)
        EXCEPT SELECT key, value FROM json_each(NEW.old_image))
    BEGIN SELECT RAISE(IGNORE); END";

/// Pages of 4 KiB that a database without a name keeps in memory.
const CACHE_PAGES: u32 = 4096;

impl Tables {
    /// Tables in a file that outlives the runner, or in one that nobody else sees and that is gone with it.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, StartError> {
        let database = match file {
            Some(file) => kept(&file.display().to_string()),
            None => scratch(&std::env::temp_dir()),
        };
        Ok(Self {
            database: database.map_err(|error| StartError::Database(error.to_string()))?,
            tokens: Arc::default(),
            on_disk: file.is_some(),
            written: watch::Sender::new(()),
        })
    }

    /// Runs one call of the database; a call that may wait for the disk runs on a thread that may.
    pub(crate) async fn call<T, F>(&self, call: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(&Database) -> T + Send + 'static,
    {
        if self.on_disk { self.call_for_long(call).await } else { call(&self.database) }
    }

    /// Runs one call of the database that takes long, on a thread that nothing else waits for.
    pub(crate) async fn call_for_long<T, F>(&self, call: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(&Database) -> T + Send + 'static,
    {
        let database = self.database.clone();
        match tokio::task::spawn_blocking(move || call(&database)).await {
            Ok(answer) => answer,
            Err(failure) => std::panic::resume_unwind(failure.into_panic()),
        }
    }

    /// Tells the stream readers that there may be something new.
    pub(crate) fn note_write(&self) {
        self.written.send_replace(());
    }

    /// Changes whenever there may be something new in a stream.
    pub(crate) fn writes(&self) -> watch::Receiver<()> {
        self.written.subscribe()
    }
}

type Opened<T> = Result<T, Box<dyn std::error::Error>>;

/// A database that outlives the runner.
fn kept(location: &str) -> Opened<Database> {
    let database = Database::new(location)?;
    Connection::open(location)?.execute_batch(&format!("{STREAM_INDEX}; {NO_CHANGE}"))?;
    // Named for the end of an import, this is how dynoxide sets SQLite's usual trade (`synchronous =
    // NORMAL`): a killed process loses nothing, a power cut at most the last moments, and a write does
    // not wait for the disk.
    database.disable_bulk_loading()?;
    Ok(database)
}

/// A database for as long as the runner lives. It is in a file without a name, so that memory holds what is in use and not
/// all there is. In SQLite's own memory databases every page is in the page cache, and as often as a page splits the whole
/// cache is walked (`balance_nonroot` borrows a page number beyond the end), which made a write the dearer the more there was.
///
/// Nothing waits for the disk: what a power cut leaves is of no use to anybody.
fn scratch(folder: &Path) -> Opened<Database> {
    let file = tempfile::Builder::new().prefix("fanfare-").suffix(".sqlite").tempfile_in(folder)?;
    // Two connections to one cache: what the second one sets holds for the first as well.
    let location = format!("file:{}?cache=shared", file.path().display());
    let database = Database::new(&location)?;
    database.enable_bulk_loading()?;
    Connection::open(&location)?.execute_batch(&format!(
        "PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; PRAGMA mmap_size = 0;
         PRAGMA cache_size = {CACHE_PAGES}; {STREAM_INDEX}; {NO_CHANGE}"
    ))?;
    Ok(database)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn request<T: serde::de::DeserializeOwned>(request: Value) -> T {
        serde_json::from_value(request).expect("a request that dynoxide reads")
    }

    /// The index is of use only as long as dynoxide's own statements fit it.
    #[test]
    fn a_stream_of_many_records_is_not_read_as_a_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("tables.sqlite");
        drop(Tables::open(Some(&file)).expect("tables"));
        let connection = Connection::open(&file).expect("a second connection");
        for statement in [
            "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 'T'",
            "SELECT event_name FROM _stream_records WHERE table_name = 'T' AND shard_id = 'S' \
             AND CAST(sequence_number AS INTEGER) > 5 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 10",
        ] {
            let plan: String = connection
                .query_row(&format!("EXPLAIN QUERY PLAN {statement}"), [], |row| row.get("detail"))
                .expect("a plan");
            assert!(plan.contains("_fanfare_stream_position"), "{plan}");
        }
    }

    #[test]
    fn tables_that_are_not_kept_leave_no_file_and_take_writes() {
        let folder = tempfile::tempdir().expect("a folder");

        let database = scratch(folder.path()).expect("a database");

        let table = json!({
            "TableName": "things", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        });
        database.create_table(request(table)).expect("a table");
        let item = json!({"TableName": "things", "Item": {"id": {"S": "1"}}});
        database.put_item(request(item)).expect("an item");
        let left: Vec<_> = std::fs::read_dir(folder.path()).expect("readable").collect();
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn tables_that_are_not_kept_are_apart_from_one_another() {
        let (one, other) =
            (Tables::open(None).expect("tables"), Tables::open(None).expect("tables"));
        let table = json!({
            "TableName": "things", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        });
        one.database.create_table(request(table)).expect("a table");
        let names = other.database.list_tables(request(json!({}))).expect("names").table_names;
        assert!(names.is_empty(), "{names:?}");
    }
}
