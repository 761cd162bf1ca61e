//! What pages have in common: the frame around them, and the three shapes that they are answered in.

use crate::app::App;
use crate::assets::{ICON, SCRIPT, STYLE};
use crate::error::ViewError;
use crate::reply::{self, reply};
use askama::Template;
use fanfare_loopback::Reply;
use http::StatusCode;
use serde::Serialize;
use serde_json::json;

/// Milliseconds after which a live page looks again: at the local runner, and at services that count requests.
const AGAIN: (u64, u64) = (2_000, 10_000);

/// Where a page belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Flow,
    Trace,
    Events,
    Failures,
    Queues,
    Consumers,
    Audit,
    /// Nowhere in the navigation.
    Apart,
}

impl Section {
    /// Those of the navigation: the section, its address and its name.
    pub(crate) const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Flow, "/flow", "Flow"),
        (Self::Trace, "/trace", "Trace"),
        (Self::Events, "/events", "Events"),
        (Self::Failures, "/failures", "Failures"),
        (Self::Queues, "/queues", "Queues"),
        (Self::Consumers, "/consumers", "Consumers"),
        (Self::Audit, "/audit", "Audit"),
    ];
}

/// What a page shows.
pub(crate) trait View: Template + Serialize {
    /// Where it belongs.
    const SECTION: Section;
    /// How many times longer it waits before it looks again than a page that costs next to nothing.
    const PATIENCE: u64 = 1;
    /// What it is called.
    fn title(&self) -> String;
    /// Whether it is looked up again and again.
    fn is_live(&self) -> bool {
        false
    }
}

/// In which shape an answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A whole page.
    Page,
    /// What has changed on a live one.
    Event,
    /// Data for a program.
    Json,
}

/// The page around a view.
#[derive(Template)]
#[template(path = "frame.html")]
pub(crate) struct Frame<'a> {
    title: &'a str,
    stack: &'a str,
    place: String,
    identity: Option<&'a str>,
    may_write: bool,
    section: Section,
    is_live: bool,
    icon: &'a str,
    style: &'a str,
    script: &'a str,
    content: &'a str,
}

/// What went wrong, as a page.
#[derive(Template, Serialize)]
#[template(path = "problem.html")]
struct Problem {
    title: &'static str,
    detail: String,
    /// Whether whoever asks may see other pages.
    is_known: bool,
}

/// Answers with a view.
pub(crate) async fn show<V: View>(app: &App, shape: Shape, view: &V) -> Result<Reply, ViewError> {
    match shape {
        Shape::Json => Ok(reply(StatusCode::OK, reply::JSON, serde_json::to_vec_pretty(view)?)),
        Shape::Event => {
            let again = if app.is_runner().await? { AGAIN.0 } else { AGAIN.1 };
            Ok(reply::event("content", &view.render()?, again * V::PATIENCE))
        }
        Shape::Page => {
            let page =
                framed(app, V::SECTION, &view.title(), view.is_live(), &view.render()?).await?;
            Ok(reply(StatusCode::OK, reply::HTML, page))
        }
    }
}

/// Answers with what went wrong.
pub(crate) async fn refuse(app: &App, shape: Shape, error: &ViewError) -> Reply {
    let status = error.status();
    let title = status.canonical_reason().unwrap_or("Failed");
    let detail = error.told();
    match shape {
        Shape::Json => {
            let problem = json!({"title": title, "status": status.as_u16(), "detail": detail});
            reply(status, reply::PROBLEM, problem.to_string())
        }
        Shape::Event => reply::event("problem", &detail.replace(['\r', '\n'], " "), AGAIN.1),
        Shape::Page => {
            let is_known = !matches!(error, ViewError::NoToken);
            let page = match (Problem { title, detail, is_known }).render() {
                // Who is not known is told nothing of the stack.
                Ok(content) if !is_known => bare(title, &content),
                Ok(content) => framed(app, Section::Apart, title, false, &content).await,
                Err(error) => Err(error.into()),
            };
            reply(status, reply::HTML, page.unwrap_or_else(|error| error.told()))
        }
    }
}

fn bare(title: &str, content: &str) -> Result<String, ViewError> {
    let frame = Frame {
        title,
        stack: "",
        place: String::new(),
        identity: None,
        may_write: false,
        section: Section::Apart,
        is_live: false,
        icon: &ICON.path,
        style: &STYLE.path,
        script: &SCRIPT.path,
        content,
    };
    Ok(frame.render()?)
}

async fn framed(
    app: &App,
    section: Section,
    title: &str,
    is_live: bool,
    content: &str,
) -> Result<String, ViewError> {
    let frame = Frame {
        title,
        stack: app.connection.stack(),
        place: place(app).await,
        identity: app.identity().await,
        may_write: app.may_write().await,
        section,
        is_live,
        icon: &ICON.path,
        style: &STYLE.path,
        script: &SCRIPT.path,
        content,
    };
    Ok(frame.render()?)
}

/// Where the stack is.
async fn place(app: &App) -> String {
    let config = app.connection.config();
    match (config.endpoint_url(), config.region()) {
        (Some(endpoint), _) if app.is_runner().await.unwrap_or(false) => {
            format!("fanfare up at {endpoint}")
        }
        (Some(endpoint), _) => endpoint.to_owned(),
        (None, Some(region)) => format!("AWS, {region}"),
        (None, None) => "AWS".to_owned(),
    }
}
