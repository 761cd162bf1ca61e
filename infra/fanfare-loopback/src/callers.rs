//! Who may ask: programs of this machine, and no web page of somebody else.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use http::header::{HOST, HeaderName, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Uri};

/// What a browser says of the page that a request comes from (<https://www.w3.org/TR/fetch-metadata/>).
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Who may ask a server. The default is whoever calls it by a name of this machine.
#[derive(Debug, Clone, Default)]
pub struct Callers(Hosts);

#[derive(Debug, Clone)]
enum Hosts {
    /// Names of this machine, and these others.
    Loopback(Arc<[String]>),
    /// This one alone, with its port.
    Exactly(Arc<str>),
}

impl Default for Hosts {
    fn default() -> Self {
        Self::Loopback(Arc::default())
    }
}

/// Why somebody may not ask. Its text names the header and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(String);

impl Callers {
    /// Whoever calls the server by a name of this machine, or by one of these, such as `host.docker.internal`.
    pub fn also_by(hosts: impl IntoIterator<Item = String>) -> Self {
        Self(Hosts::Loopback(hosts.into_iter().collect()))
    }

    /// Whoever knows this address and names it as it is, such as `127.80.3.201:41234`.
    pub fn who_know(address: impl std::fmt::Display) -> Self {
        Self(Hosts::Exactly(address.to_string().into()))
    }

    /// Whether a request with this head may be answered.
    ///
    /// ```
    /// use fanfare_loopback::Callers;
    /// use http::{HeaderMap, Uri};
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("host", "localhost:4566".parse().unwrap());
    /// let callers = Callers::default();
    /// assert!(callers.admit(&Uri::from_static("/"), &headers).is_ok());
    ///
    /// headers.insert("origin", "https://example.com".parse().unwrap());
    /// let refusal = callers.admit(&Uri::from_static("/"), &headers).unwrap_err();
    /// assert!(refusal.to_string().starts_with("Origin: "));
    /// ```
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn admit(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let host = self.host(uri, headers)?;
        // Another page of the same browser, whatever port or name of this machine it is from.
        if let Some(origin) = headers.get_all(ORIGIN).iter().find(|origin| !is_of(origin, host)) {
            return Err(Refusal(format!(
                "Origin: a page of {origin:?} may not call {host:?}; let its own server make the call"
            )));
        }
        let strange = |site: &&HeaderValue| !matches!(site.as_bytes(), b"none" | b"same-origin");
        match headers.get_all(SEC_FETCH_SITE).iter().find(strange) {
            Some(site) => Err(Refusal(format!(
                "Sec-Fetch-Site: {site:?} says that another page asks; open the address itself, or let that page's \
                 own server make the call"
            ))),
            None => Ok(()),
        }
    }

    /// The host that is asked, if it is one that may be asked.
    fn host<'a>(&self, uri: &Uri, headers: &'a HeaderMap) -> Result<&'a str, Refusal> {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(Refusal("Host: a request has to have one of them".to_owned()));
        };
        let host = host.to_str().ok().filter(|host| self.is_known(host));
        let target = uri.authority().map(Authority::as_str);
        match host.filter(|_| target.is_none_or(|target| self.is_known(target))) {
            Some(host) => Ok(host),
            None => Err(Refusal(match &self.0 {
                Hosts::Loopback(_) => "Host: only names of this machine are answered (localhost, *.localhost, 127.0.0.1, \
                    [::1]); a name that leads here has to be allowed: fanfare up --allow-host NAME"
                    .to_owned(),
                Hosts::Exactly(_) => {
                    "Host: this port answers the one process that was told its address".to_owned()
                }
            })),
        }
    }

    fn is_known(&self, authority: &str) -> bool {
        match &self.0 {
            Hosts::Exactly(known) => **known == *authority,
            Hosts::Loopback(others) => match authority.parse::<Authority>() {
                Ok(authority) if !authority.as_str().contains('@') => {
                    let host = authority.host().to_ascii_lowercase();
                    is_loopback(&host)
                        || others.iter().any(|other| other.eq_ignore_ascii_case(&host))
                }
                _ => false,
            },
        }
    }
}

/// Whether a host in lower case is this machine, by name (RFC 6761) or by address.
fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host);
    let v6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    name == "localhost"
        || name.ends_with(".localhost")
        || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || v6.and_then(|v6| v6.parse().ok()).is_some_and(|address: Ipv6Addr| address.is_loopback())
}

/// Whether an origin is the one that is asked.
fn is_of(origin: &HeaderValue, host: &str) -> bool {
    let origin = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
    origin.is_some_and(|origin| origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn admit(callers: &Callers, uri: &str, headers: &[(&str, &str)]) -> Result<(), Refusal> {
        let uri = uri.parse().expect("a target");
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a name");
            all.append(name, value.parse().expect("a value"));
        }
        callers.admit(&uri, &all)
    }

    #[test]
    fn programs_and_pages_of_the_server_itself_may_ask() {
        for host in [
            "localhost",
            "LocalHost:1",
            "a.b.localhost:80",
            "127.0.0.1:8080",
            "127.9.9.9",
            "[::1]:4566",
        ] {
            for more in [
                &[][..],
                &[("origin", "http://own")],
                &[("sec-fetch-site", "none")],
                &[("sec-fetch-site", "same-origin")],
            ] {
                let own = format!("http://{host}");
                let more = more.iter().map(|(name, value)| {
                    (*name, if *value == "http://own" { &*own } else { *value })
                });
                let headers: Vec<_> = [("host", host)].into_iter().chain(more).collect();
                assert_eq!(admit(&Callers::default(), "/", &headers), Ok(()), "{headers:?}");
            }
        }
    }

    #[test]
    fn foreign_hosts_origins_and_pages_are_refused_by_the_name_of_the_header() {
        let here = ("host", "127.0.0.1:4566");
        for (uri, headers, named) in [
            ("/", &[][..], "Host"),
            ("/", &[here, ("host", "localhost")], "Host"),
            ("/", &[("host", "example.com")], "Host"),
            ("/", &[("host", "127.0.0.1.example.com")], "Host"),
            ("/", &[("host", "localhost.example.com")], "Host"),
            ("/", &[("host", "localhost@example.com")], "Host"),
            ("/", &[("host", "example.com@localhost")], "Host"),
            ("/", &[("host", "notlocalhost")], "Host"),
            ("/", &[("host", "0.0.0.0:4566")], "Host"),
            ("/", &[("host", "[::]:4566")], "Host"),
            ("/", &[("host", "")], "Host"),
            ("http://example.com/", &[here], "Host"),
            ("/", &[here, ("origin", "https://example.com")], "Origin"),
            ("/", &[here, ("origin", "null")], "Origin"),
            ("/", &[here, ("origin", "http://127.0.0.1:3000")], "Origin"),
            ("/", &[here, ("origin", "http://localhost:4566")], "Origin"),
            ("/", &[here, ("sec-fetch-site", "cross-site")], "Sec-Fetch-Site"),
            ("/", &[here, ("sec-fetch-site", "same-site")], "Sec-Fetch-Site"),
            (
                "/",
                &[here, ("sec-fetch-site", "none"), ("sec-fetch-site", "cross-site")],
                "Sec-Fetch-Site",
            ),
        ] {
            let refusal =
                admit(&Callers::default(), uri, headers).expect_err("refused").to_string();
            assert!(refusal.starts_with(&format!("{named}: ")), "{headers:?}: {refusal}");
        }
    }

    #[test]
    fn a_name_that_was_allowed_is_a_name_of_this_machine() {
        let callers = Callers::also_by(["host.docker.internal".to_owned()]);
        assert_eq!(admit(&callers, "/", &[("host", "host.docker.internal:4566")]), Ok(()));
        assert!(admit(&callers, "/", &[("host", "docker.internal")]).is_err());
    }

    #[test]
    fn a_secret_address_is_the_only_name() {
        let callers = Callers::who_know("127.80.3.201:41234");
        assert_eq!(admit(&callers, "/", &[("host", "127.80.3.201:41234")]), Ok(()));
        for host in ["127.80.3.201", "127.0.0.1:41234", "localhost:41234"] {
            assert!(admit(&callers, "/", &[("host", host)]).is_err(), "{host}");
        }
    }

    proptest! {
        #[test]
        fn whatever_host_is_named_is_refused_or_loopback(host in "[a-z0-9.:@\\[\\]-]{0,40}") {
            let headers = [("host", &*host)];
            if admit(&Callers::default(), "/", &headers).is_ok() {
                prop_assert!(
                    host.contains("localhost") || host.starts_with("127.") || host.starts_with("[0") || host.starts_with("[::"),
                    "{host}"
                );
            }
        }
    }
}
