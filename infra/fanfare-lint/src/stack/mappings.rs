//! Event source mappings: what invokes functions with batches.

use super::queues;
use super::{Located, Owner, Spot, Stack};
use fanfare_template::{Field, Piece, Resource, Setting, Text, Value};

/// An event source mapping, of its own or among a SAM function's events.
pub(crate) struct Mapping<'t> {
    /// How it is called in findings.
    pub(crate) name: String,
    pub(crate) settings: &'t Value,
    pub(crate) source: Source<'t>,
    pub(crate) function: Owner<'t>,
    spot: Spot,
}

/// Where a mapping's batches come from.
pub(crate) enum Source<'t> {
    Queue {
        queue: Owner<'t>,
        is_fifo: Setting<bool>,
    },
    /// A stream of DynamoDB or Kinesis.
    Stream,
    /// Kafka, MQ, DocumentDB.
    Other,
    Unknown(String),
}

impl Mapping<'_> {
    /// One of its settings: at its own line if it is there, else at the mapping's.
    pub(crate) fn spot(&self, path: &[&str]) -> Spot {
        self.spot.below(self.settings, path)
    }

    /// The function's logical id, as far as it is in the template.
    pub(crate) fn function_id(&self) -> Option<&str> {
        match &self.function {
            Owner::Resource(function) => Some(&function.id),
            _ => None,
        }
    }
}

impl<'t> Stack<'t> {
    pub(crate) fn mappings(&self) -> Vec<Mapping<'t>> {
        let own = self.of_kinds(&["AWS::Lambda::EventSourceMapping"]);
        let own = own.map(|resource| self.mapping(resource));
        let events = self.of_kinds(&["AWS::Serverless::Function"]);
        own.chain(events.flat_map(|function| self.events(function))).collect()
    }

    fn mapping(&self, resource: &'t Resource) -> Mapping<'t> {
        let settings = &resource.properties;
        let function = match settings.find_text(&["FunctionName"]) {
            Setting::Known(name) => self.function_of(&name),
            Setting::Absent | Setting::Unknown(_) => Owner::Unknown("FunctionName".into()),
        };
        let source = match settings.find_text(&["EventSourceArn"]) {
            Setting::Known(arn) => self.source(&arn),
            Setting::Absent => Source::Other,
            Setting::Unknown(why) => Source::Unknown(why),
        };
        let name = resource.id.clone();
        Mapping { name, settings, source, function, spot: resource.whole() }
    }

    fn source(&self, arn: &Text) -> Source<'t> {
        let referred = arn.resource().and_then(|id| self.resource(id));
        let service = match referred {
            Some(resource) => service_of_kind(&resource.kind),
            None => service_of_arn(arn),
        };
        match service {
            Some("sqs") => self.queue_source(arn),
            Some("dynamodb" | "kinesis") => Source::Stream,
            Some(_) => Source::Other,
            None => Source::Unknown(format!("the service of {arn}")),
        }
    }

    fn queue_source(&self, arn: &Text) -> Source<'t> {
        let queue = self.queue_of(arn);
        let is_fifo = match &queue {
            Owner::Resource(queue) => queues::is_fifo(queue),
            // The name of every FIFO queue ends so.
            _ => match arn.pieces().last() {
                Some(Piece::Known(end)) => Setting::Known(end.ends_with(".fifo")),
                _ => Setting::Unknown(arn.to_string()),
            },
        };
        Source::Queue { queue, is_fifo }
    }

    fn events(&self, function: &'t Resource) -> Vec<Mapping<'t>> {
        let Setting::Known(events) = function.properties.find(&["Events"]) else {
            return Vec::new();
        };
        let mapping = |event: &'t Field| {
            let settings = event.value.field("Properties").map(|field| &field.value)?;
            let source = match event.value.find_text(&["Type"]).known()?.as_known()? {
                "SQS" => match settings.find_text(&["Queue"]) {
                    Setting::Known(arn) => self.queue_source(&arn),
                    _ => Source::Unknown("Queue".into()),
                },
                "DynamoDB" | "Kinesis" => Source::Stream,
                "MSK" | "MQ" | "SelfManagedKafka" | "DocumentDB" => Source::Other,
                _ => return None,
            };
            let spot = function.spot(&["Events", &event.key]);
            let spot = Spot { property: format!("{}.Properties", spot.property), ..spot };
            Some(Mapping {
                name: format!("{}.{}", function.id, event.key),
                settings,
                source,
                function: Owner::Resource(function),
                spot,
            })
        };
        events.fields().iter().filter_map(mapping).collect()
    }
}

fn service_of_kind(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::SQS::Queue" => "sqs",
        "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" | "AWS::Serverless::SimpleTable" => {
            "dynamodb"
        }
        "AWS::Kinesis::Stream" | "AWS::Kinesis::StreamConsumer" => "kinesis",
        _ if kind.starts_with("AWS::MSK::") || kind.starts_with("AWS::AmazonMQ::") => "other",
        _ if kind.starts_with("AWS::DocDB::") => "other",
        _ => return None,
    })
}

/// The third part of an ARN, where it is known: `arn:aws:sqs:...`.
fn service_of_arn(arn: &Text) -> Option<&str> {
    let mut colons = 0;
    for piece in arn.pieces() {
        let Piece::Known(text) = piece else { continue };
        for (index, part) in text.split(':').enumerate() {
            if index > 0 {
                colons += 1;
                let is_whole = text.matches(':').count() > index;
                if colons == 2 {
                    return is_whole.then_some(part);
                }
            }
        }
    }
    None
}
