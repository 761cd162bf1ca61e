//! The mails that were sent, as the runner, MiniStack and LocalStack show them.

use crate::Client;
use serde_json::Value;

/// Where each of them shows its mailbox.
const PAGES: [&str; 3] = ["/_fanfare/mailbox", "/_ministack/ses/messages", "/_aws/ses"];

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Whom it went to.
    pub to: String,
    /// What it is about.
    pub subject: String,
}

/// All mails, in the order that they are shown in.
pub(crate) async fn read(endpoint: &Client) -> Vec<Mail> {
    for page in PAGES {
        let answer = endpoint.get(page).await;
        if let (200, Some(mails)) = (answer.status, mails(&answer.body)) {
            return mails.iter().map(mail).collect();
        }
    }
    panic!("the endpoint shows no mailbox")
}

/// The runner gives a list, LocalStack one called `messages`, MiniStack one per account.
fn mails(body: &Value) -> Option<Vec<Value>> {
    match body.get("messages").unwrap_or(body) {
        Value::Array(mails) => Some(mails.clone()),
        Value::Object(accounts) => {
            Some(accounts.values().filter_map(Value::as_array).flatten().cloned().collect())
        }
        _ => None,
    }
}

fn mail(value: &Value) -> Mail {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let field = |names: [&str; 2]| names.iter().find_map(|name| value.get(name));
    let to = field(["to", "To"]).unwrap_or(&value["Destination"]["ToAddresses"]);
    Mail { to: text(&to[0]), subject: field(["subject", "Subject"]).map(text).unwrap_or_default() }
}
