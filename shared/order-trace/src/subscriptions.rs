//! Which consumers act on which events, as the template says.

use fanfare_bootstrap::SettingError;

/// The subscriptions to the events topic.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subscriptions(Vec<(String, Vec<String>)>);

impl Subscriptions {
    /// Reads `consumer=Type,Type;consumer=Type`, which the template makes of the filter policies.
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

    /// The consumers of an event type, in the template's order.
    pub fn of(&self, event_type: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(_, types)| types.iter().any(|t| t == event_type))
            .map(|(consumer, _)| consumer.as_str())
    }
}

impl FromIterator<(String, Vec<String>)> for Subscriptions {
    /// From each consumer's name and the event types that it hears.
    fn from_iter<I: IntoIterator<Item = (String, Vec<String>)>>(consumers: I) -> Self {
        Self(consumers.into_iter().collect())
    }
}
