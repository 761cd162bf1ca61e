//! Which route a request takes: the most specific one that fits.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>

use std::collections::BTreeMap;

use crate::error::StartError;
use crate::template::stack::{self, Authorization};

/// All routes of a stack.
#[derive(Debug)]
pub(crate) struct Routes(Vec<Route>);

#[derive(Debug)]
struct Route {
    key: String,
    function: String,
    authorization: Authorization,
    /// `None`: any.
    method: Option<String>,
    /// `None`: any (`$default`).
    path: Option<Vec<Segment>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Parameter(String),
    /// `{proxy+}`: this and everything after it.
    Rest(String),
}

/// A route that a request takes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Matched {
    pub(crate) key: String,
    pub(crate) function: String,
    pub(crate) authorization: Authorization,
    pub(crate) parameters: BTreeMap<String, String>,
}

impl Routes {
    pub(crate) fn new(routes: &[stack::Route]) -> Result<Self, StartError> {
        let parse = |route: &stack::Route| {
            let invalid =
                || StartError::Route { logical_id: route.function.clone(), key: route.key.clone() };
            let (method, path) = match route.key.split_once(' ') {
                None if route.key == "$default" => (None, None),
                Some((method, path)) if path.starts_with('/') => {
                    ((method != "ANY").then(|| method.to_owned()), Some(segments(path)))
                }
                _ => return Err(invalid()),
            };
            Ok(Route {
                key: route.key.clone(),
                function: route.function.clone(),
                authorization: route.authorization.clone(),
                method,
                path,
            })
        };
        routes.iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn find(&self, method: &str, path: &str) -> Option<Matched> {
        let parts: Vec<&str> = split(path).collect();
        let fitting =
            self.0.iter().filter(|route| route.method.as_deref().is_none_or(|own| own == method));
        fitting
            .filter_map(|route| {
                let (specific, parameters) = match &route.path {
                    // Below every path.
                    None => (None, BTreeMap::new()),
                    Some(segments) => {
                        fit(segments, &parts).map(|(rank, found)| (Some(rank), found))?
                    }
                };
                Some(((specific, route.method.is_some()), route, parameters))
            })
            .max_by(|(one, ..), (other, ..)| one.cmp(other))
            .map(|(_, route, parameters)| Matched {
                key: route.key.clone(),
                function: route.function.clone(),
                authorization: route.authorization.clone(),
                parameters,
            })
    }
}

fn split(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/').split('/')
}

fn segments(path: &str) -> Vec<Segment> {
    let segment = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}'))
    {
        None => Segment::Literal(part.to_owned()),
        Some(name) => match name.strip_suffix('+') {
            Some(name) => Segment::Rest(name.to_owned()),
            None => Segment::Parameter(name.to_owned()),
        },
    };
    split(path).map(segment).collect()
}

/// How specifically the route fits, segment by segment, and its parameters.
fn fit(segments: &[Segment], parts: &[&str]) -> Option<(Vec<u8>, BTreeMap<String, String>)> {
    let mut rank = Vec::with_capacity(segments.len());
    let mut parameters = BTreeMap::new();
    let mut left = parts.iter();
    for segment in segments {
        match segment {
            Segment::Literal(expected) => {
                left.next().filter(|part| *part == expected)?;
                rank.push(2);
            }
            Segment::Parameter(name) => {
                let part = left.next().filter(|part| !part.is_empty())?;
                parameters.insert(name.clone(), decode(part));
                rank.push(1);
            }
            Segment::Rest(name) => {
                let rest: Vec<&str> = left.by_ref().copied().collect();
                if rest.is_empty() {
                    return None;
                }
                parameters.insert(name.clone(), decode(&rest.join("/")));
                rank.push(0);
            }
        }
    }
    left.next().is_none().then_some((rank, parameters))
}

/// Percent-decoding; in a path, a `+` is no blank.
fn decode(text: &str) -> String {
    let form = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(form.as_bytes())
        .next()
        .map(|(_, text)| text.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(key: &str) -> stack::Route {
        let (key, function) = (key.to_owned(), "F".to_owned());
        stack::Route { key, function, authorization: Authorization::None }
    }

    #[test]
    fn the_most_specific_route_wins() {
        let keys = [
            "$default",
            "ANY /x/{proxy+}",
            "GET /orders/{id}",
            "ANY /orders/{id}",
            "GET /orders/open",
            "POST /orders",
        ];
        let routes = keys.map(route);
        let routes = Routes::new(&routes).expect("routes");
        for (method, path, key) in [
            ("GET", "/orders/7", "GET /orders/{id}"),
            ("PUT", "/orders/7", "ANY /orders/{id}"),
            ("GET", "/orders/open", "GET /orders/open"),
            ("POST", "/orders", "POST /orders"),
            ("GET", "/orders", "$default"),
            ("GET", "/x/a/b", "ANY /x/{proxy+}"),
            ("GET", "/x", "$default"),
            ("GET", "/", "$default"),
        ] {
            assert_eq!(routes.find(method, path).expect("a route").key, key, "{method} {path}");
        }
    }

    #[test]
    fn parameters_are_decoded() {
        let routes = [route("GET /a/{b}/{rest+}")];
        let routes = Routes::new(&routes).expect("routes");
        let parameters = routes.find("GET", "/a/x%20y+z/1/2%262").expect("a route").parameters;
        assert_eq!(parameters["b"], "x y+z");
        assert_eq!(parameters["rest"], "1/2&2");
        assert_eq!(routes.find("GET", "/other"), None);
    }

    #[test]
    fn a_key_without_a_path_is_refused() {
        let routes = [route("orders")];
        assert!(Routes::new(&routes).is_err());
    }
}
