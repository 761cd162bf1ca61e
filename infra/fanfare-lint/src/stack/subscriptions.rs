//! Subscriptions to SNS topics: of their own, inside a topic, or among a SAM function's events.

use super::{Located, Spot, Stack};
use fanfare_template::{Field, Piece, Resource, Setting, Text, Value};

/// A subscription.
pub(crate) struct Subscription<'t> {
    pub(crate) settings: &'t Value,
    pub(crate) protocol: Setting<Text>,
    /// Where messages go; `Absent` for a function's own event, which goes to the function.
    pub(crate) endpoint: Setting<Text>,
    /// The topic that it is to.
    pub(crate) topic: Setting<Text>,
    spot: Spot,
}

impl Subscription<'_> {
    /// One of its settings: at its own line if it is there, else at the subscription's.
    pub(crate) fn spot(&self, path: &[&str]) -> Spot {
        self.spot.below(self.settings, path)
    }
}

impl<'t> Stack<'t> {
    pub(crate) fn subscriptions(&self) -> Vec<Subscription<'t>> {
        let own = self.of_kinds(&["AWS::SNS::Subscription"]);
        let own = own.map(|resource| {
            let topic = resource.properties.find_text(&["TopicArn"]);
            subscription(&resource.properties, topic, resource.whole())
        });
        let inline = self.of_kinds(&["AWS::SNS::Topic"]).flat_map(inside_topic);
        let events = self.of_kinds(&["AWS::Serverless::Function"]).flat_map(events);
        own.chain(inline).chain(events).collect()
    }
}

fn subscription(settings: &Value, topic: Setting<Text>, spot: Spot) -> Subscription<'_> {
    Subscription {
        settings,
        protocol: settings.find_text(&["Protocol"]),
        endpoint: settings.find_text(&["Endpoint"]),
        topic,
        spot,
    }
}

fn inside_topic(topic: &Resource) -> Vec<Subscription<'_>> {
    let list = topic.properties.field("Subscription").map(|field| &field.value);
    let items = list.map_or(&[][..], Value::each).iter().enumerate();
    let spot = topic.spot(&["Subscription"]);
    let topic = Setting::Known(Text::of(Piece::Reference(topic.id.clone())));
    items
        .map(|(index, item)| subscription(item, topic.clone(), spot.item(index, item.place)))
        .collect()
}

fn events(function: &Resource) -> Vec<Subscription<'_>> {
    let events = function.properties.field("Events").map_or(&[][..], |field| field.value.fields());
    let is_sns = |event: &&Field| {
        let kind = event.value.find_text(&["Type"]).known();
        kind.is_some_and(|kind| kind.as_known() == Some("SNS"))
    };
    events
        .iter()
        .filter(is_sns)
        .filter_map(|event| {
            let settings = &event.value.field("Properties")?.value;
            let spot = function.spot(&["Events", &event.key]);
            let spot = Spot { property: format!("{}.Properties", spot.property), ..spot };
            let protocol = Setting::Known(Text::known("lambda"));
            let topic = settings.find_text(&["Topic"]);
            Some(Subscription { settings, protocol, endpoint: Setting::Absent, topic, spot })
        })
        .collect()
}
