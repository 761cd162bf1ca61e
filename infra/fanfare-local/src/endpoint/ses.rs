//! SES (version 1) over HTTP, by rustack, and the mailbox: what was sent, since nothing is delivered.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt;
use rustack_ses_core::config::SesConfig;
use rustack_ses_core::handler::RustackSesHandler;
use rustack_ses_core::provider::RustackSes;
use rustack_ses_http::dispatch::SesHandler;
use rustack_ses_http::response::error_to_response;
use rustack_ses_http::router::resolve_action;
use serde_json::{Value, json};

use crate::http_server::{Reply, json, reply};

/// The mail service of one runner. Cloning is cheap and shares it.
#[derive(Debug, Clone)]
pub(crate) struct Mail(Arc<RustackSesHandler>);

impl Mail {
    pub(crate) fn new(account: &str, region: &str) -> Self {
        let config = SesConfig {
            default_region: region.to_owned(),
            default_account_id: account.to_owned(),
            ..SesConfig::default()
        };
        Self(Arc::new(RustackSesHandler::new(Arc::new(RustackSes::new(config)))))
    }

    /// Answers one request of the API.
    pub(crate) async fn handle(&self, action: &str, body: Bytes) -> Reply {
        let request = uuid::Uuid::new_v4().to_string();
        let answer = match resolve_action(action) {
            Ok(operation) => self.0.handle_operation(operation, body).await,
            Err(error) => Err(error),
        };
        let (parts, body) =
            answer.unwrap_or_else(|error| error_to_response(&error, &request)).into_parts();
        match body.collect().await {
            Ok(body) => reply(parts.status, "text/xml", body.to_bytes()),
            Err(error) => reply(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", error.to_string()),
        }
    }

    /// Everything sent so far, oldest first.
    pub(crate) fn mailbox(&self) -> Reply {
        let mut mails = self.0.provider().email_store().query(None, None);
        mails.sort_by(|one, other| one.timestamp.cmp(&other.timestamp));
        let mails: Vec<Value> = mails
            .into_iter()
            .map(|mail| {
                let (text, html) =
                    mail.body.map(|body| (body.text_part, body.html_part)).unwrap_or_default();
                json!({
                    "id": mail.id,
                    "when": mail.timestamp,
                    "from": mail.source,
                    "to": mail.destination.to_addresses,
                    "cc": mail.destination.cc_addresses,
                    "bcc": mail.destination.bcc_addresses,
                    "subject": mail.subject,
                    "text": text,
                    "html": html,
                    "raw": mail.raw_data,
                })
            })
            .collect();
        json(StatusCode::OK, &mails)
    }
}
