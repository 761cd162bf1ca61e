//! Errors without what they quote.

use std::fmt::Display;

/// The words of an error of serde's, without the values that it quotes: an error's words reach logs, and values may be
/// personal.
///
/// ```
/// use fanfare_event::Redacted;
///
/// let error = serde_json::from_str::<u64>(r#""ada@example.com""#).expect_err("no number");
/// let words = Redacted::words_of(&error).to_string();
/// assert!(words.starts_with("invalid type: string (not shown), expected u64"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Redacted(String);

impl Redacted {
    /// What an error says, without its quotations: serde puts texts in quotes, and numbers and variants in back quotes.
    pub fn words_of(error: &impl Display) -> Self {
        Self(redacted(&error.to_string()))
    }
}

pub(crate) fn redacted(words: &str) -> String {
    let quote = |c: char| matches!(c, '"' | '`');
    match (words.find(quote), words.rfind(quote)) {
        (Some(first), Some(last)) if first < last => {
            let (before, after) = (words.get(..first), words.get(last + 1..));
            format!("{}(not shown){}", before.unwrap_or_default(), after.unwrap_or_default())
        }
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_error_quotes_is_left_out() {
        let error = serde_json::from_str::<u64>(r#""ada@example.com""#).expect_err("no number");
        assert!(error.to_string().contains("ada@example.com"));
        let words = Redacted::words_of(&error).to_string();
        assert!(words.starts_with("invalid type: string (not shown)"), "{words}");
    }
}
