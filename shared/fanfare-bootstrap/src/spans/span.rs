//! A span as a plain value: what was done, when, and for what.

use crate::TraceContext;
use std::borrow::Cow;
use std::time::SystemTime;

/// Something that was done, and when.
///
/// ```
/// use fanfare_bootstrap::{KeyValue, Span, SpanKind, TraceContext};
/// use std::time::SystemTime;
///
/// let started = SystemTime::now();
/// let span = Span {
///     context: TraceContext::root(0x4bf9_2f35, 0x00f0_67aa),
///     parent: None,
///     link: None,
///     kind: SpanKind::Server,
///     name: "POST".to_owned(),
///     started,
///     ended: SystemTime::now(),
///     attributes: vec![KeyValue::new("http.response.status_code", 202)],
///     error: None,
/// };
/// assert!(span.context.is_recorded());
/// ```
#[derive(Debug, Clone)]
pub struct Span {
    /// Its own place in its trace.
    pub context: TraceContext,
    /// What it was done for, in the same trace.
    pub parent: Option<TraceContext>,
    /// A span of another trace that it belongs to as well.
    pub link: Option<TraceContext>,
    /// Which end of a conversation it is.
    pub kind: SpanKind,
    /// What was done, in words that many spans share.
    pub name: String,
    /// When it began.
    pub started: SystemTime,
    /// When it ended.
    pub ended: SystemTime,
    /// More about it: <https://opentelemetry.io/docs/specs/semconv/>.
    pub attributes: Vec<KeyValue>,
    /// What went wrong, if something did. No personal data.
    pub error: Option<String>,
}

/// Which end of a conversation a span is
/// (<https://opentelemetry.io/docs/specs/otel/trace/api/#spankind>).
///
/// ```
/// use fanfare_bootstrap::SpanKind;
///
/// // A function that handles messages of a queue:
/// assert_ne!(SpanKind::Consumer, SpanKind::Server);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// A request to somebody who answers it.
    Client,
    /// The handling of such a request.
    Server,
    /// The sending of a message that somebody handles later.
    Producer,
    /// The handling of such a message.
    Consumer,
    /// Work within one program.
    Internal,
}

/// An attribute of a span: a name, by OpenTelemetry's conventions where they have one, and a value.
///
/// ```
/// use fanfare_bootstrap::{AttributeValue, KeyValue};
///
/// let attribute = KeyValue::new("messaging.batch.message_count", 10);
/// assert_eq!(attribute.key, "messaging.batch.message_count");
/// assert_eq!(attribute.value, AttributeValue::Integer(10));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// The attribute's name.
    pub key: &'static str,
    /// Its value.
    pub value: AttributeValue,
}

impl KeyValue {
    /// An attribute of this name and value.
    pub fn new(key: &'static str, value: impl Into<AttributeValue>) -> Self {
        Self { key, value: value.into() }
    }
}

/// The value of an attribute. Numbers, texts and truths become one by `into`.
///
/// ```
/// use fanfare_bootstrap::AttributeValue;
///
/// assert_eq!(AttributeValue::from("aws_sqs"), AttributeValue::Text("aws_sqs".into()));
/// assert_eq!(AttributeValue::from(true), AttributeValue::Boolean(true));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeValue {
    /// A text.
    Text(Cow<'static, str>),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
}

impl From<&'static str> for AttributeValue {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for AttributeValue {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for AttributeValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for AttributeValue {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}
