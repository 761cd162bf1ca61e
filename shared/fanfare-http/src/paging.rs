//! Long answers in pages.

use crate::{Problem, Request};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt::Display;
use std::str::FromStr;

/// The most on one page.
const MAX_LIMIT: u16 = 100;
/// How many there are on a page when the caller does not say.
const DEFAULT_LIMIT: u16 = 50;

/// Which page is asked for: `limit` and `cursor`. A cursor is the place where the page before ended, in a form
/// that callers need not understand and should not make.
///
/// ```
/// use fanfare_http::{Paging, Request};
///
/// let first = Paging::<u32>::of(&Request::new("GET", "/rooms"))?;
/// assert_eq!((first.limit, first.after), (50, None));
///
/// let next = Request::new("GET", "/rooms").with_query("cursor", Paging::cursor(&7_u32));
/// assert_eq!(Paging::<u32>::of(&next)?.after, Some(7));
/// # Ok::<(), fanfare_http::Problem>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging<P> {
    /// How many at the most.
    pub limit: u16,
    /// The place after which the page begins.
    pub after: Option<P>,
}

impl<P: FromStr + Display> Paging<P> {
    /// Reads the two parameters of a call.
    ///
    /// # Errors
    /// 400, naming the parameter.
    pub fn of(request: &Request) -> Result<Self, Problem> {
        Self::parse(request.query("limit"), request.query("cursor"))
    }

    /// Reads the two parameters.
    ///
    /// # Errors
    /// 400, naming the parameter.
    pub fn parse(limit: Option<&str>, cursor: Option<&str>) -> Result<Self, Problem> {
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some(text) => {
                let number = text.parse().ok().filter(|n| (1..=MAX_LIMIT).contains(n));
                let bounds = || Problem::invalid("limit", format!("must be 1 to {MAX_LIMIT}"));
                number.ok_or_else(bounds)?
            }
        };
        let after = cursor.map(place).transpose()?;
        Ok(Self { limit, after })
    }

    /// The cursor of the page that begins after a place.
    pub fn cursor(place: &P) -> String {
        URL_SAFE_NO_PAD.encode(place.to_string())
    }
}

fn place<P: FromStr>(cursor: &str) -> Result<P, Problem> {
    let text = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|text| String::from_utf8(text).ok());
    text.and_then(|text| text.parse().ok()).ok_or_else(|| {
        Problem::invalid("cursor", "must be what the page before gave as `next`, unchanged")
    })
}
