//! Who may look: whoever knows the token of the address that was printed.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::rand;
use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use std::fmt::Write;

/// A secret of 128 bits, as 32 hexadecimal digits.
#[derive(Clone)]
pub(crate) struct Secret(String);

impl Secret {
    /// A new one; `None` when the system has no randomness to give.
    pub(crate) fn new() -> Option<Self> {
        let mut bytes = [0; 16];
        rand::fill(&mut bytes).ok()?;
        let mut text = String::with_capacity(32);
        for byte in bytes {
            // A String takes whatever is written.
            write!(text, "{byte:02x}").unwrap_or_default();
        }
        Some(Self(text))
    }

    fn is(&self, other: &str) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), other.as_bytes()).is_ok()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The secrets of one console. The token is in the address that is printed; what a browser keeps is another one, since a cookie goes to
/// every port of its host. So the cookie's name has the port in it: two consoles don't push each other out.
#[derive(Clone)]
pub(crate) struct Session {
    token: Secret,
    cookie: Secret,
    name: String,
}

impl Session {
    pub(crate) fn new(port: u16) -> Option<Self> {
        Some(Self {
            token: Secret::new()?,
            cookie: Secret::new()?,
            name: format!("fanfare-console-{port}"),
        })
    }

    pub(crate) fn token(&self) -> &str {
        self.token.as_str()
    }

    /// Whether this is the token.
    pub(crate) fn is_token(&self, text: &str) -> bool {
        self.token.is(text)
    }

    /// The cookie that a browser gets for the token, until it is closed.
    pub(crate) fn set_cookie(&self) -> String {
        format!("{}={}; HttpOnly; SameSite=Strict; Path=/", self.name, self.cookie.as_str())
    }

    /// Whether a request is from somebody who has shown the token: a browser by its cookie, a program by
    /// `Authorization: Bearer TOKEN`.
    pub(crate) fn admits(&self, headers: &HeaderMap) -> bool {
        let texts = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let cookies = texts(COOKIE).flat_map(|text| text.split(';'));
        let mut cookies = cookies.filter_map(|cookie| cookie.trim().split_once('='));
        cookies.any(|(name, value)| name == self.name && self.cookie.is(value))
            || texts(AUTHORIZATION).filter_map(|text| text.split_once(' ')).any(
                |(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && self.is_token(token),
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(session: &Session, name: &'static str, value: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a header"));
        session.admits(&headers)
    }

    #[test]
    fn only_the_cookie_or_the_token_lets_in() {
        let session = Session::new(1).expect("randomness");
        let (token, cookie) = (session.token().to_owned(), session.cookie.as_str().to_owned());
        assert!(admits(&session, "cookie", &format!("a=b; fanfare-console-1={cookie}")));
        assert!(admits(&session, "authorization", &format!("Bearer {token}")));
        for (name, value) in [
            ("cookie", format!("fanfare-console-2={cookie}")),
            ("cookie", format!("fanfare-console-1={token}")),
            ("cookie", "fanfare-console-1=".to_owned()),
            ("authorization", format!("Bearer {cookie}")),
            ("authorization", token.clone()),
        ] {
            assert!(!admits(&session, name, &value), "{name}: {value}");
        }
        assert!(!session.admits(&HeaderMap::new()));
    }

    #[test]
    fn no_two_consoles_have_the_same_secrets() {
        let secrets = [Session::new(1), Session::new(1)].map(|s| s.expect("randomness"));
        assert_ne!(secrets[0].token(), secrets[1].token());
        assert_ne!(secrets[0].token(), secrets[0].cookie.as_str());
        assert_eq!(secrets[0].token().len(), 32);
    }
}
