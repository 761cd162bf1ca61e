//! Events in files.

use crate::support::{Past, When, past};
use fanfare_event::Envelope;
use fanfare_event_store::Filter;
use fanfare_operate::Stop;
use fanfare_replay::{Export, Format, ReplayError};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

fn export(format: Format) -> Export {
    Export { filter: Filter::default(), format }
}

fn json_of(events: &[Envelope]) -> BTreeSet<String> {
    events.iter().map(|event| event.to_json().unwrap()).collect()
}

fn json_of_row(row: &Row) -> Value {
    let value = |field: &Field| match field {
        Field::Null => Value::Null,
        Field::Str(text) => json!(text),
        Field::UInt(number) => json!(number),
        Field::ULong(number) => json!(number),
        Field::TimestampMicros(micros) => json!(micros),
        other => json!(format!("{other:?}")),
    };
    row.get_column_iter().map(|(name, field)| (name.clone(), value(field))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_a_line_of_json() {
    let stack = Past::start().await;
    let events = past(240);
    stack.happened(&events).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.ndjson");

    let written = stack.stack.export(&export(Format::Ndjson), &file, &(), &Stop::default()).await;

    assert_eq!(written.unwrap(), events.len() as u64);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), events.len());
    assert_eq!(text.lines().map(str::to_owned).collect::<BTreeSet<_>>(), json_of(&events));
    let mut out = Vec::new();
    let (everything, stop) = (Filter::default(), Stop::default());
    let lines = stack.stack.export_lines(&everything, &mut out, &(), &stop).await;
    assert_eq!(lines.unwrap(), events.len() as u64);
    assert_eq!(String::from_utf8(out).unwrap(), text);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_is_a_row_of_parquet_with_the_envelope_s_fields_as_columns() {
    let stack = Past::start().await;
    let events = past(8);
    stack.happened(&events).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.parquet");

    stack.stack.export(&export(Format::Parquet), &file, &(), &Stop::default()).await.unwrap();

    let reader = SerializedFileReader::new(fs::File::open(&file).unwrap()).unwrap();
    let rows: Vec<Value> =
        reader.get_row_iter(None).unwrap().map(|row| json_of_row(&row.unwrap())).collect();
    assert_eq!(rows.len(), events.len());
    for event in &events {
        let row = rows.iter().find(|row| row["event_id"] == event.event_id.as_str()).unwrap();
        assert_eq!(row["event_type"], event.event_type);
        assert_eq!(row["schema_version"], 1);
        assert_eq!(row["stream"], json!(event.stream));
        assert_eq!(row["version"], json!(event.version));
        assert_eq!(row["correlation_id"], json!(event.correlation_id));
        assert_eq!((&row["causation_id"], &row["source"]), (&Value::Null, &Value::Null));
        assert_eq!(row["payload"], event.payload.get());
        assert_eq!(row["timestamp"], event.timestamp.as_microsecond());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_of_time_ends_before_its_end() {
    let stack = Past::start().await;
    let events = past(2);
    stack.happened(&events).await;
    let from = events[2].timestamp;
    let to = from + Duration::from_secs(2);
    let filter = Filter { from: Some(from), to: Some(to), types: None };
    let mut out = Vec::new();
    stack.stack.export_lines(&filter, &mut out, &(), &Stop::default()).await.unwrap();
    let lines = String::from_utf8(out).unwrap().lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let in_time: Vec<_> =
        events.into_iter().filter(|event| (from..to).contains(&event.timestamp)).collect();
    assert_eq!(lines, json_of(&in_time));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_export_leaves_what_was_there() {
    let stack = Past::start().await;
    stack.happened(&past(240)).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events");
    fs::write(&file, "before").unwrap();
    for format in [Format::Ndjson, Format::Parquet] {
        let stop = Stop::default();
        let interrupt = When(|| stop.request());
        let written = stack.stack.export(&export(format), &file, &interrupt, &stop).await;
        assert!(matches!(written, Err(ReplayError::Interrupted)), "{written:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "before");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something is left");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_can_t_be_written_is_named() {
    let stack = Past::start().await;
    let file = std::path::Path::new("/nowhere/events.ndjson");
    let written = stack.stack.export(&export(Format::Ndjson), file, &(), &Stop::default()).await;
    assert_eq!(written.unwrap_err().to_string(), "/nowhere/events.ndjson can't be written");
}
