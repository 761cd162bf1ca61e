//! SES (version 1) over HTTP, by rustack, and the mailbox: what was sent, since nothing is delivered.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt;
use rustack_ses_core::config::SesConfig;
use rustack_ses_core::handler::RustackSesHandler;
use rustack_ses_core::provider::RustackSes;
use rustack_ses_core::retrospection::SentEmail;
use rustack_ses_http::dispatch::SesHandler;
use rustack_ses_http::response::error_to_response;
use rustack_ses_http::router::resolve_action;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::error::StartError;
use crate::http_server::{Reply, json, reply};
use crate::journal::Journal;

/// The mail service of one runner. Cloning is cheap and shares it.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    handler: Arc<RustackSesHandler>,
    /// What was sent, oldest first. It is taken from rustack after each request, since a mail is found there by looking at
    /// all of them.
    sent: Arc<Mutex<Vec<SentEmail>>>,
    journal: Journal,
}

impl Mail {
    /// The service, with the mails of its journal in its mailbox.
    pub(crate) fn new(account: &str, region: &str, journal: Journal) -> Result<Self, StartError> {
        let config = SesConfig {
            default_region: region.to_owned(),
            default_account_id: account.to_owned(),
            ..SesConfig::default()
        };
        let handler = Arc::new(RustackSesHandler::new(Arc::new(RustackSes::new(config))));
        let mails = journal.mails().map_err(|error| StartError::Journal(error.to_string()))?;
        let sent = mails.iter().map(|mail| serde_json::from_str(mail)).collect::<Result<_, _>>();
        let sent = sent.map_err(|error| StartError::Journal(error.to_string()))?;
        Ok(Self { handler, sent: Arc::new(Mutex::new(sent)), journal })
    }

    /// Answers one request of the API.
    pub(crate) async fn handle(&self, action: &str, body: Bytes) -> Reply {
        let request = uuid::Uuid::new_v4().to_string();
        let answer = match resolve_action(action) {
            Ok(operation) => self.handler.handle_operation(operation, body).await,
            Err(error) => Err(error),
        };
        if let Err(error) = self.keep().await {
            let error = format!("the journal of the mailbox cannot be written: {error}");
            return reply(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", error);
        }
        let (parts, body) =
            answer.unwrap_or_else(|error| error_to_response(&error, &request)).into_parts();
        match body.collect().await {
            Ok(body) => reply(parts.status, "text/xml", body.to_bytes()),
            Err(error) => reply(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", error.to_string()),
        }
    }

    /// Puts what was just sent into the mailbox, another request's mail too: nobody is answered before theirs is there.
    async fn keep(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut sent = self.sent.lock().await;
        let outbox = self.handler.provider().email_store();
        for mail in outbox.query(None, None) {
            outbox.remove(&mail.id);
            self.journal.add_mail(mail.id.clone(), serde_json::to_string(&mail)?).await?;
            sent.push(mail);
        }
        Ok(())
    }

    /// Everything sent so far, oldest first.
    pub(crate) async fn mailbox(&self) -> Reply {
        let mails: Vec<Value> = self.sent.lock().await.iter().map(shown).collect();
        json(StatusCode::OK, &mails)
    }
}

fn shown(mail: &SentEmail) -> Value {
    let body = mail.body.as_ref();
    json!({
        "id": mail.id,
        "when": mail.timestamp,
        "from": mail.source,
        "to": mail.destination.to_addresses,
        "cc": mail.destination.cc_addresses,
        "bcc": mail.destination.bcc_addresses,
        "subject": mail.subject,
        "text": body.and_then(|body| body.text_part.as_ref()),
        "html": body.and_then(|body| body.html_part.as_ref()),
        "raw": mail.raw_data,
    })
}
