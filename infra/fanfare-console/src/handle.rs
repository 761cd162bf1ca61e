//! From a request to its answer.

use crate::app::App;
use crate::assets;
use crate::error::ViewError;
use crate::form::{Form, decoded};
use crate::reply;
use crate::view::{self, Shape, View};
use crate::views::{
    audit, consumer, consumers, events, failures, flow, help, jobs, letter, queues, trace,
};
use fanfare_loopback::{Reply, read_body};
use http::header::ACCEPT;
use http::request::Parts;
use http::{Method, Request, Uri};
use hyper::body::Incoming;
use std::convert::Infallible;
use std::sync::Arc;

/// Bytes of a form: a few thousand ids of dead letters, or an event that is pasted.
const FORM: usize = 64 * 1024;

/// What is asked for.
pub(crate) struct Asked<'a> {
    pub(crate) app: &'a Arc<App>,
    pub(crate) shape: Shape,
    /// The query of a GET, the form of a POST.
    pub(crate) form: Form,
}

impl Asked<'_> {
    /// Answers with a view.
    pub(crate) async fn show<V: View>(&self, view: &V) -> Result<Reply, ViewError> {
        view::show(self.app, self.shape, view).await
    }

    /// Sends a browser to another page, and tells a program of it.
    pub(crate) fn see(&self, path: &str) -> Reply {
        match self.shape {
            Shape::Json => {
                let there = serde_json::json!({"see": format!("/api{path}")});
                reply::reply(http::StatusCode::ACCEPTED, reply::JSON, there.to_string())
            }
            Shape::Page | Shape::Event => reply::see(path),
        }
    }
}

/// Answers a request of whoever runs on this machine ([`fanfare_loopback`] has seen to that).
pub(crate) async fn handle(app: Arc<App>, request: Request<Incoming>) -> Result<Reply, Infallible> {
    let (parts, body) = request.into_parts();
    if let Some(asset) = assets::at(parts.uri.path()) {
        return Ok(reply::asset(asset));
    }
    let query = Form::parse(parts.uri.query().unwrap_or_default().as_bytes());
    if query.get("token").is_some_and(|token| app.session.is_token(token)) {
        return Ok(reply::see_with_cookie(&without_token(&parts.uri), &app.session.set_cookie()));
    }
    let shape = shape(&parts);
    let answer = match app.session.admits(&parts.headers) {
        true => answer(&app, shape, &parts, query, body).await,
        false => Err(ViewError::NoToken),
    };
    Ok(match answer {
        Ok(answer) => answer,
        Err(error) => view::refuse(&app, shape, &error).await,
    })
}

/// The same address on this console, without the token.
fn without_token(uri: &Uri) -> String {
    // A path that begins with two slashes would be another host's.
    let path = format!("/{}", uri.path().trim_start_matches('/'));
    let pairs = uri.query().unwrap_or_default().split('&');
    let rest: Vec<&str> =
        pairs.filter(|pair| !pair.is_empty() && !pair.starts_with("token=")).collect();
    if rest.is_empty() { path } else { format!("{path}?{}", rest.join("&")) }
}

fn shape(parts: &Parts) -> Shape {
    let accepts = parts.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    match parts.uri.path() {
        path if path == "/api" || path.starts_with("/api/") => Shape::Json,
        _ if accepts.is_some_and(|accept| accept.starts_with(reply::EVENTS)) => Shape::Event,
        _ => Shape::Page,
    }
}

async fn answer(
    app: &Arc<App>,
    shape: Shape,
    parts: &Parts,
    query: Form,
    body: Incoming,
) -> Result<Reply, ViewError> {
    let path = parts.uri.path();
    let no_page = || ViewError::NoPage(path.to_owned());
    let below = path.strip_prefix("/api").filter(|_| shape == Shape::Json).unwrap_or(path);
    let names = below.split('/').filter(|name| !name.is_empty()).map(decoded);
    let names = names.collect::<Option<Vec<String>>>().ok_or_else(no_page)?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match parts.method {
        Method::GET | Method::HEAD => {
            let asked = Asked { app, shape, form: query };
            look(&asked, &names).await?.ok_or_else(no_page)
        }
        Method::POST => {
            let body = read_body(body, FORM).await.map_err(|_| ViewError::Body)?;
            let asked = Asked { app, shape, form: Form::parse(&body) };
            act(&asked, &names).await?.ok_or_else(no_page)
        }
        ref other => Err(ViewError::Method(other.to_string())),
    }
}

/// What only shows; `None`: there is no such page.
async fn look(asked: &Asked<'_>, names: &[&str]) -> Result<Option<Reply>, ViewError> {
    Ok(Some(match names {
        [] | ["flow"] => flow::page(asked).await?,
        ["trace"] => trace::page(asked).await?,
        ["events"] => events::page(asked).await?,
        ["failures"] => failures::all(asked).await?,
        ["failures", consumer] => failures::of(asked, consumer).await?,
        ["failures", consumer, message] => letter::page(asked, consumer, message).await?,
        ["queues"] => queues::page(asked).await?,
        ["consumers"] => consumers::all(asked).await?,
        ["consumers", name] => consumer::page(asked, name).await?,
        ["audit"] => audit::all(asked).await?,
        ["audit", id] => audit::one(asked, id).await?,
        ["jobs", id] => jobs::page(asked, id).await?,
        ["help"] => asked.show(&help::Help).await?,
        _ => return Ok(None),
    }))
}

/// What does something. Showing hidden values only reads, and is on record; the rest is refused where the console may only read.
async fn act(asked: &Asked<'_>, names: &[&str]) -> Result<Option<Reply>, ViewError> {
    match names {
        ["trace", "values"] => return trace::values(asked).await.map(Some),
        ["failures", consumer, message, "body"] => {
            return letter::body(asked, consumer, message).await.map(Some);
        }
        _ => {}
    }
    if !asked.app.may_write().await {
        return Err(ViewError::ReadOnly);
    }
    Ok(Some(match names {
        ["failures", consumer, "redrive"] => jobs::start(asked, consumer).await?,
        ["jobs", id, "stop"] => jobs::stop(asked, id)?,
        _ => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_goes_and_the_rest_of_an_address_stays_on_this_console() {
        for (given, expected) in [
            ("/?token=abc", "/"),
            ("/trace?id=a%26b&token=abc", "/trace?id=a%26b"),
            ("/trace?token=abc&id=7", "/trace?id=7"),
            ("//example.com/?token=abc", "/example.com/"),
        ] {
            assert_eq!(without_token(&given.parse().expect("an address")), expected);
        }
    }
}
