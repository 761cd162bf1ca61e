//! What a template says of a setting: nothing, something, or something that nobody knows yet.

/// What a template says of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting<T> {
    /// Nothing.
    Absent,
    /// What it depends on, and nobody knows before AWS does.
    Unknown(String),
    /// This.
    Known(T),
}

impl<T> Setting<T> {
    /// The same, with AWS's default for what is absent.
    #[must_use]
    pub fn or_default(self, default: T) -> Self {
        match self {
            Self::Absent => Self::Known(default),
            other => other,
        }
    }

    /// The same with another value, if there is one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Setting<U> {
        match self {
            Self::Absent => Setting::Absent,
            Self::Unknown(why) => Setting::Unknown(why),
            Self::Known(value) => Setting::Known(change(value)),
        }
    }

    /// The value, if the template says it.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }
}
