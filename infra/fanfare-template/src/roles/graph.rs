//! How a template's resources refer to each other, as far as roles follow from it.

use crate::value::Field;
use crate::{Known, Resource, Text, Value};

pub(super) const TABLES: &[&str] =
    &["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable"];
pub(super) const QUEUES: &[&str] = &["AWS::SQS::Queue"];
pub(super) const TOPICS: &[&str] = &["AWS::SNS::Topic"];
pub(super) const FUNCTIONS: &[&str] = &["AWS::Lambda::Function", "AWS::Serverless::Function"];

/// The properties by which the template may name a resource on the service.
const NAMES: [&str; 4] = ["TableName", "QueueName", "TopicName", "FunctionName"];

/// A template's resources.
#[derive(Clone, Copy)]
pub(super) struct Graph<'k>(pub(super) &'k Known);

/// Something that invokes a function with what a queue or a table's stream holds.
pub(super) struct Feed<'k> {
    pub(super) source: &'k Resource,
    pub(super) function: &'k Resource,
    /// Where Lambda sends what it gives up on.
    pub(super) on_failure: Option<&'k Resource>,
}

/// A queue's subscription to a topic.
pub(super) struct Subscription<'k> {
    pub(super) queue: &'k Resource,
    /// Where SNS sends what it can't deliver.
    pub(super) dead_letters: Option<&'k Resource>,
}

impl Resource {
    pub(super) fn is_one_of(&self, kinds: &[&str]) -> bool {
        kinds.contains(&self.kind.as_str())
    }

    /// The name that the template gives it on the service.
    pub(super) fn given_name(&self) -> Option<Text> {
        NAMES.iter().find_map(|name| self.properties.find_text(&[name]).known())
    }
}

impl<'k> Graph<'k> {
    pub(super) fn resources(self) -> impl Iterator<Item = &'k Resource> {
        self.0.resources.iter()
    }

    pub(super) fn of_kinds(
        self,
        kinds: &'static [&'static str],
    ) -> impl Iterator<Item = &'k Resource> {
        self.resources().filter(move |resource| resource.is_one_of(kinds))
    }

    /// The resource that a reference, a name, an ARN or a URL means.
    fn meant(self, text: &Text) -> Option<&'k Resource> {
        let last = text.after_last(':').after_last('/');
        let id = text.resource().or(last.resource());
        match id {
            Some(id) => self.resources().find(|resource| resource.id == id),
            None => self.resources().find(|resource| resource.given_name().as_ref() == Some(&last)),
        }
    }

    fn meant_at(self, value: &Value, path: &[&str]) -> Option<&'k Resource> {
        self.meant(&value.find_text(path).known()?)
    }

    /// What an environment variable of a function means.
    pub(super) fn variable(self, function: &Resource, name: &str) -> Option<&'k Resource> {
        self.meant_at(&function.properties, &["Environment", "Variables", name])
    }

    pub(super) fn has_variable(self, function: &Resource, name: &str) -> bool {
        let variables = function.properties.find(&["Environment", "Variables"]).known();
        variables.is_some_and(|variables| variables.field(name).is_some())
    }

    /// All that feeds functions from queues and streams.
    pub(super) fn feeds(self) -> Vec<Feed<'k>> {
        let mappings = self.of_kinds(&["AWS::Lambda::EventSourceMapping"]);
        let mappings = mappings.filter_map(move |mapping| {
            let settings = &mapping.properties;
            let function = self.meant_at(settings, &["FunctionName"])?;
            self.feed(settings, "EventSourceArn", function)
        });
        let events = self.of_kinds(FUNCTIONS).flat_map(move |function| {
            let events = function.properties.field("Events");
            let events = events.map_or(&[][..], |events| events.value.fields());
            events.iter().filter_map(move |event| self.event(event, function))
        });
        mappings.chain(events).collect()
    }

    fn event(self, event: &'k Field, function: &'k Resource) -> Option<Feed<'k>> {
        let settings = &event.value.field("Properties")?.value;
        let kind = event.value.find_text(&["Type"]).known()?;
        match kind.as_known()? {
            "SQS" => self.feed(settings, "Queue", function),
            "DynamoDB" => self.feed(settings, "Stream", function),
            _ => None,
        }
    }

    fn feed(self, settings: &Value, source: &str, function: &'k Resource) -> Option<Feed<'k>> {
        Some(Feed {
            source: self.meant_at(settings, &[source])?,
            function,
            on_failure: self.meant_at(settings, &["DestinationConfig", "OnFailure", "Destination"]),
        })
    }

    /// All that subscribes queues to topics.
    pub(super) fn subscriptions(self) -> Vec<Subscription<'k>> {
        let own = self.of_kinds(&["AWS::SNS::Subscription"]).map(|resource| &resource.properties);
        let inside = self.of_kinds(TOPICS).flat_map(|topic| {
            topic.properties.field("Subscription").map_or(&[][..], |list| list.value.each())
        });
        let of = |settings: &Value| {
            let queue = self.meant_at(settings, &["Endpoint"])?;
            let policy = settings.field("RedrivePolicy").map(|policy| policy.value.as_document());
            let dead_letters =
                policy.and_then(|policy| self.meant_at(&policy, &["deadLetterTargetArn"]));
            queue.is_one_of(QUEUES).then_some(Subscription { queue, dead_letters })
        };
        own.chain(inside).filter_map(of).collect()
    }
}
