//! A token that the front has checked, and what it claims of its holder.

use std::collections::BTreeMap;
use std::fmt;

const ISSUER: &str = "iss";
const SUBJECT: &str = "sub";

/// A JSON Web Token that the front has checked. It has an issuer and a subject, or it is none.
///
/// ```
/// use fanfare_http::Token;
///
/// let token = Token::new("https://login.example.com", "ada").with_claim("scope", "orders staff");
/// assert!(token.lists("scope", "staff"));
/// assert_eq!(token.claim("sub"), Some("ada"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    issuer: String,
    subject: String,
    /// All claims but these two.
    claims: BTreeMap<String, String>,
}

impl Token {
    /// A token of one's own, for a test.
    pub fn new(issuer: impl Into<String>, subject: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), subject: subject.into(), claims: BTreeMap::new() }
    }

    /// The same with another claim, as the front passes it on: a text, whatever it is in the token.
    pub fn with_claim(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// The token of which a front passed on these claims; `None` when they name no issuer or no subject.
    pub(crate) fn of<'a>(
        claims: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) -> Option<Self> {
        let owned = |(name, value): (&String, &String)| (name.clone(), value.clone());
        let mut claims: BTreeMap<_, _> = claims.into_iter().map(owned).collect();
        let mut named = |name| claims.remove(name).filter(|value| !value.is_empty());
        let (issuer, subject) = (named(ISSUER)?, named(SUBJECT)?);
        Some(Self { issuer, subject, claims })
    }

    /// Who issued it: its claim `iss`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Whose it is: its claim `sub`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// A claim as the front passes it on, which is a text.
    pub fn claim(&self, name: &str) -> Option<&str> {
        match name {
            ISSUER => Some(&self.issuer),
            SUBJECT => Some(&self.subject),
            _ => self.claims.get(name).map(String::as_str),
        }
    }

    /// Whether a claim lists this word: a `scope` is words with blanks between them (RFC 8693), and a list, such as Cognito's
    /// `cognito:groups`, comes from API Gateway as `[one two]`.
    pub fn lists(&self, claim: &str, word: &str) -> bool {
        let value = self.claim(claim).unwrap_or_default();
        let list = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        list.unwrap_or(value).split(' ').any(|one| !one.is_empty() && one == word)
    }
}

/// Whose it is, and nothing that is personal beyond that.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_listed_as_a_whole_or_not_at_all() {
        let token = |value| Token::new("https://login", "ada").with_claim("scope", value);
        for value in ["staff", "orders staff", "[staff]", "[orders staff]"] {
            assert!(token(value).lists("scope", "staff"), "{value}");
        }
        for value in ["", "[]", "staffing", "orders,staff", "Staff", "[staff", "\"staff\""] {
            assert!(!token(value).lists("scope", "staff"), "{value}");
        }
        assert!(!token("").lists("scope", ""), "what is not named is not listed");
        assert!(!token("staff").lists("groups", "staff"));
    }

    #[test]
    fn what_else_it_claims_is_not_shown_in_a_log() {
        let token = Token::new("https://login", "ada").with_claim("phone", "+44 20 7946 0000");
        assert!(!format!("{token:?}").contains("7946"), "{token:?}");
    }
}
