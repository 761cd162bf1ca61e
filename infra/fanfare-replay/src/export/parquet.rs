//! Events as columns of Apache Parquet.

use super::{Sink, SinkError};
use fanfare_event::Envelope;
use fanfare_event_store::Stored;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use std::io::Write;
use std::sync::Arc;

/// The columns. Times are in UTC.
const SCHEMA: &str = "message event {
    required binary event_type (STRING);
    required binary event_id (STRING);
    required int64 timestamp (TIMESTAMP(MICROS, true));
    required int32 schema_version (INTEGER(32, false));
    optional binary stream (STRING);
    optional int64 version (INTEGER(64, false));
    optional binary correlation_id (STRING);
    optional binary causation_id (STRING);
    optional binary traceparent (STRING);
    optional binary source (STRING);
    required binary payload (JSON);
}";

/// Events that are held until they are written together ...
const ROWS: usize = 10_000;
/// ... unless their payloads have this many bytes before.
const BYTES: usize = 16 * 1024 * 1024;

/// Writes events, a group of rows at a time.
pub(super) struct Parquet<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    waiting: Vec<Envelope>,
    bytes: usize,
}

impl<W: Write + Send> Parquet<W> {
    pub(super) fn new(out: W) -> Result<Self, SinkError> {
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
        let writer = SerializedFileWriter::new(out, schema, Arc::new(properties.build()))?;
        Ok(Self { writer, waiting: Vec::new(), bytes: 0 })
    }

    /// Writes what is left, and the footer without which nobody can read the file.
    pub(super) fn finish(mut self) -> Result<(), SinkError> {
        self.write()?;
        self.writer.finish()?;
        self.writer.inner_mut().flush()?;
        Ok(())
    }

    /// Writes the events that wait, as a group of rows.
    fn write(&mut self) -> Result<(), SinkError> {
        let events = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        if events.is_empty() {
            return Ok(());
        }
        let mut rows = self.writer.next_row_group()?;
        let required = |text: fn(&Envelope) -> &str| -> Vec<Option<ByteArray>> {
            events.iter().map(|event| Some(text(event).as_bytes().to_vec().into())).collect()
        };
        let optional = |text: fn(&Envelope) -> Option<&str>| -> Vec<Option<ByteArray>> {
            let text = |event| text(event).map(|text| text.as_bytes().to_vec().into());
            events.iter().map(text).collect()
        };
        let numbers = |number: fn(&Envelope) -> Option<i64>| -> Vec<Option<i64>> {
            events.iter().map(number).collect()
        };
        column::<ByteArrayType, _>(&mut rows, &required(|event| &event.event_type), false)?;
        column::<ByteArrayType, _>(&mut rows, &required(|event| event.event_id.as_str()), false)?;
        let timestamps = numbers(|event| Some(event.timestamp.as_microsecond()));
        column::<Int64Type, _>(&mut rows, &timestamps, false)?;
        let versions: Vec<_> =
            events.iter().map(|event| Some(event.schema_version.cast_signed())).collect();
        column::<Int32Type, _>(&mut rows, &versions, false)?;
        column::<ByteArrayType, _>(&mut rows, &optional(|event| event.stream.as_deref()), true)?;
        let versions = numbers(|event| event.version.map(u64::cast_signed));
        column::<Int64Type, _>(&mut rows, &versions, true)?;
        let correlation = optional(|event| event.correlation_id.as_deref());
        column::<ByteArrayType, _>(&mut rows, &correlation, true)?;
        let causation = optional(|event| event.causation_id.as_ref().map(|id| id.as_str()));
        column::<ByteArrayType, _>(&mut rows, &causation, true)?;
        let traces = optional(|event| event.traceparent.as_deref());
        column::<ByteArrayType, _>(&mut rows, &traces, true)?;
        column::<ByteArrayType, _>(&mut rows, &optional(|event| event.source.as_deref()), true)?;
        column::<ByteArrayType, _>(&mut rows, &required(|event| event.payload.get()), false)?;
        rows.close()?;
        Ok(())
    }
}

/// Writes the next column.
fn column<T: DataType, W: Write + Send>(
    rows: &mut SerializedRowGroupWriter<'_, W>,
    values: &[Option<T::T>],
    is_optional: bool,
) -> Result<(), SinkError> {
    let mut column = rows.next_column()?.ok_or("the schema has fewer columns than are written")?;
    let present: Vec<T::T> = values.iter().flatten().cloned().collect();
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let levels = is_optional.then_some(levels.as_slice());
    column.typed::<T>().write_batch(&present, levels, None)?;
    column.close()?;
    Ok(())
}

impl<W: Write + Send> Sink for Parquet<W> {
    fn add(&mut self, _: &Stored, envelope: &Envelope) -> Result<(), SinkError> {
        self.bytes += envelope.payload.get().len();
        self.waiting.push(envelope.clone());
        match self.waiting.len() >= ROWS || self.bytes >= BYTES {
            true => self.write(),
            false => Ok(()),
        }
    }
}
