//! How full every queue is.

use crate::error::ViewError;
use crate::handle::Asked;
use crate::text;
use crate::view::{Section, View};
use askama::Template;
use fanfare_loopback::Reply;
use fanfare_operate::QueueLine;
use serde::Serialize;

#[derive(Template, Serialize)]
#[template(path = "queues.html")]
pub(crate) struct Queues {
    pub(crate) queues: Vec<QueueLine>,
}

impl View for Queues {
    const SECTION: Section = Section::Queues;

    fn title(&self) -> String {
        "Queues".to_owned()
    }

    fn is_live(&self) -> bool {
        true
    }
}

pub(crate) async fn page(asked: &Asked<'_>) -> Result<Reply, ViewError> {
    asked.show(&Queues { queues: asked.app.queues().await? }).await
}
