//! Identifiers: texts that are safe inside keys, stream names and URLs.

use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// The longest identifier, in bytes. DynamoDB takes 2,048 bytes of partition key and 1,024 of sort key;
/// this leaves room for what keys put around an identifier.
const MAX_BYTES: usize = 128;

/// A text that can't be an identifier.
///
/// ```
/// let error = fanfare_event::EventId::new("a b").expect_err("a space");
/// assert_eq!(error.kind, "eventId");
/// assert_eq!(error.to_string(), "eventId must be 1 to 128 of the characters A-Z a-z 0-9 . _ : -");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} must be 1 to {MAX_BYTES} of the characters A-Z a-z 0-9 . _ : -")]
pub struct InvalidId {
    /// What it should have identified, such as `orderId`.
    pub kind: &'static str,
}

/// Whether a text can be an identifier of this kind.
///
/// # Errors
/// [`InvalidId`] when it can't.
pub fn check(kind: &'static str, text: &str) -> Result<(), InvalidId> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
    if (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(())
    } else {
        Err(InvalidId { kind })
    }
}

/// Reads the name of an event type.
pub(crate) fn event_type<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let name = String::deserialize(from)?;
    check("eventType", &name).map_err(D::Error::custom)?;
    Ok(name)
}

/// Declares a type of identifier: its name, the field that errors call it by, and the prefix of new ones.
///
/// ```
/// fanfare_event::id!(RoomId, "roomId", "room", "Identifies a room.");
///
/// assert!(RoomId::new("attic").is_ok());
/// let error = RoomId::new("the attic").expect_err("a space");
/// assert!(error.to_string().starts_with("roomId must be"));
/// ```
#[macro_export]
macro_rules! id {
    ($name:ident, $kind:literal, $prefix:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Checks and wraps a text.
            ///
            /// # Errors
            /// When it is empty, longer than 128 bytes, or has a character outside `A-Z a-z 0-9 . _ : -`.
            pub fn new(text: impl Into<String>) -> Result<Self, $crate::InvalidId> {
                let text = text.into();
                $crate::macro_support::check($kind, &text)?;
                Ok(Self(text))
            }

            /// A new identifier: the kind's prefix and the hexadecimal digits of a UUID.
            pub fn from_uuid(uuid: $crate::macro_support::Uuid) -> Self {
                Self(format!(concat!($prefix, "_{}"), uuid.simple()))
            }

            /// The identifier as a text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl $crate::macro_support::Serialize for $name {
            fn serialize<S: $crate::macro_support::Serializer>(
                &self,
                to: S,
            ) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> $crate::macro_support::Deserialize<'de> for $name {
            fn deserialize<D: $crate::macro_support::Deserializer<'de>>(
                from: D,
            ) -> Result<Self, D::Error> {
                let text = <String as $crate::macro_support::Deserialize>::deserialize(from)?;
                Self::new(text).map_err(<D::Error as $crate::macro_support::Error>::custom)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::InvalidId;
            fn try_from(text: String) -> Result<Self, $crate::InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    EventId,
    "eventId",
    "evt",
    "Identifies one event, for good.

```
let id = fanfare_event::EventId::new(\"evt_1\")?;
assert_eq!(id.as_str(), \"evt_1\");
# Ok::<(), fanfare_event::InvalidId>(())
```"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_keeps_clear_of_key_separators_and_paths() {
        for bad in ["", "a#b", "a/b", "a b", "ä", &"x".repeat(129)] {
            assert!(EventId::new(bad).is_err(), "{bad:?} was accepted");
        }
        for good in ["ord_789", "0", "a.b:c-d_e", &"x".repeat(128)] {
            assert!(EventId::new(good).is_ok(), "{good:?} was refused");
        }
    }

    #[test]
    fn a_bad_identifier_is_refused_by_name_when_it_arrives_as_json() {
        let error = serde_json::from_str::<EventId>(r#""a b""#).expect_err("a space is refused");
        assert!(error.to_string().starts_with("eventId must be"), "{error}");
    }
}
