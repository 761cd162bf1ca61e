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

impl Tables {
    /// Tables in memory, or in a file that outlives the runner.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, StartError> {
        // A database in memory gets a name, so that the index can be created through a second connection.
        let location = file.map_or_else(
            || format!("file:fanfare-{}?mode=memory&cache=shared", uuid::Uuid::new_v4().simple()),
            |file| file.display().to_string(),
        );
        let failed = |error: &dyn std::fmt::Display| StartError::Database(error.to_string());
        let database = Database::new(&location).map_err(|error| failed(&error))?;
        Connection::open(&location)
            .and_then(|connection| {
                connection.execute_batch(&format!("{STREAM_INDEX}; {NO_CHANGE}"))
            })
            .map_err(|error| failed(&error))?;
        // Named for the end of an import, this is how dynoxide sets SQLite's usual trade (`synchronous =
        // NORMAL`): a killed process loses nothing, a power cut at most the last moments, and a write does
        // not wait for the disk.
        database.disable_bulk_loading().map_err(|error| failed(&error))?;
        Ok(Self {
            database,
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
    fn tables_in_memory_are_apart_from_one_another() {
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
