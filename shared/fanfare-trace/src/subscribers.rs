//! Who hears which event.

use fanfare::Envelope;
use fanfare_bootstrap::SettingError;

/// Knows which consumers an event is delivered to.
pub trait Subscribers {
    /// The names of the consumers that hear this event, in the order in which they are shown.
    fn of<'a>(&'a self, event: &Envelope) -> Vec<&'a str>;
}

/// Subscriptions that filter by the event's type alone: each consumer, and the types that it hears.
///
/// ```
/// use fanfare_trace::Subscriptions;
///
/// let subscriptions = Subscriptions::parse("SUBSCRIPTIONS", "climate=Measured,Alarmed;billing=Measured").unwrap();
/// assert_eq!(subscriptions.of_type("Alarmed").collect::<Vec<_>>(), ["climate"]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subscriptions(Vec<(String, Vec<String>)>);

impl Subscriptions {
    /// Reads `consumer=Type,Type;consumer=Type`, which a template makes of its filter policies and hands to a function
    /// as the environment variable `name`.
    ///
    /// # Errors
    /// [`SettingError::Invalid`] when a part has no `=`.
    pub fn parse(name: &str, value: &str) -> Result<Self, SettingError> {
        let parts = value.split(';').filter(|part| !part.trim().is_empty());
        let parsed = parts.map(|part| {
            let (consumer, types) = part.split_once('=').ok_or_else(|| SettingError::Invalid {
                name: name.to_owned(),
                value: value.to_owned(),
                reason: format!("{part:?} is not consumer=Type,Type"),
            })?;
            let types = types.split(',').map(|t| t.trim().to_owned()).collect();
            Ok((consumer.trim().to_owned(), types))
        });
        Ok(Self(parsed.collect::<Result<_, _>>()?))
    }

    /// The consumers of an event type, in the order in which they were given.
    pub fn of_type(&self, event_type: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(_, types)| types.iter().any(|t| t == event_type))
            .map(|(consumer, _)| consumer.as_str())
    }
}

impl Subscribers for Subscriptions {
    fn of<'a>(&'a self, event: &Envelope) -> Vec<&'a str> {
        self.of_type(&event.event_type).collect()
    }
}

impl FromIterator<(String, Vec<String>)> for Subscriptions {
    /// From each consumer's name and the event types that it hears.
    fn from_iter<I: IntoIterator<Item = (String, Vec<String>)>>(consumers: I) -> Self {
        Self(consumers.into_iter().collect())
    }
}
