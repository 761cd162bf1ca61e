//! A stack without functions, its console, and a browser that shows nothing.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::MessageAttributeValue;
use fanfare_bootstrap::Environment;
use fanfare_console::{Console, Writes};
use fanfare_event::{Envelope, Timestamp};
use fanfare_local::{Options, Runner};
use fanfare_operate::{Connection, HttpClient, Target};
use http::{Request, Response};
use serde_json::{Value, json};
use std::future::pending;
use std::path::Path;
use std::time::Duration;

/// How long an answer may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct House {
    pub(crate) connection: Connection,
    /// The console's address, without the token.
    pub(crate) base: String,
    pub(crate) token: String,
    client: HttpClient,
    _runner: Runner,
}

impl House {
    pub(crate) async fn start(writes: Writes) -> Self {
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/console/stack.yaml");
        let mut options = Options::new(template);
        (options.port, options.api_port) = (0, 0);
        let runner = Runner::start(options).await.unwrap();
        let target = Target::at(runner.endpoint());
        let connection = Connection::open(&target, &Environment::default()).await.unwrap();
        let console = Console::listen(Some(0)).await.unwrap();
        let (base, token) = console.url().split_once("/?token=").unwrap();
        let (base, token) = (base.to_owned(), token.to_owned());
        tokio::spawn(console.serve(connection.clone(), writes, pending()));
        Self { connection, base, token, client: HttpClient::default(), _runner: runner }
    }

    /// A request with these headers and nothing else.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response<Vec<u8>> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.client.call(request.body(body.to_owned()).unwrap(), PATIENCE).await.unwrap()
    }

    /// A page, as somebody sees it who has the token.
    pub(crate) async fn page(&self, path: &str) -> String {
        let answer = self.ask("GET", path, &[("authorization", &self.bearer())], "").await;
        assert_eq!(answer.status(), 200, "{path}: {}", text(&answer));
        text(&answer)
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.page(path).await).unwrap()
    }

    /// Sends a form.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Response<Vec<u8>> {
        self.ask("POST", path, &[("authorization", &self.bearer())], form).await
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// Appends an event about a room.
    pub(crate) async fn happened(
        &self,
        event_type: &str,
        room: &str,
        version: u64,
        payload: &Value,
    ) {
        let json = json!({
            "eventType": event_type, "eventId": format!("evt_{version}"),
            "timestamp": format!("2024-01-15T10:30:0{version}Z"), "stream": "room-7", "version": version,
            "correlationId": room, "payload": payload,
        });
        let store = self.connection.event_store().await.unwrap();
        let put = store.put(&Envelope::from_json(&json.to_string()).unwrap()).unwrap();
        let dynamodb = self.connection.dynamodb();
        let put = dynamodb.put_item().table_name(put.table_name()).set_item(Some(put.item));
        put.send().await.unwrap();
    }

    /// Puts a dead letter of the consumer `climate` where the runtime puts it.
    pub(crate) async fn died(&self, body: &str, error: &str) {
        let text = MessageAttributeValue::builder().data_type("String").string_value(error);
        let sqs = self.connection.sqs();
        let send = sqs.send_message().queue_url(self.url("ClimateDeadLetters")).message_body(body);
        let send = send.message_attributes("fanfare.error", text.build().unwrap());
        send.send().await.unwrap();
    }

    /// Notes in the ledger what became of an event now.
    pub(crate) async fn noted(&self, id: &str, outcome: &str) {
        note(&self.connection, id, outcome).await;
    }

    /// The bodies that lie in a queue, which are taken.
    pub(crate) async fn take(&self, queue: &str) -> Vec<String> {
        let receive = self.connection.sqs().receive_message().queue_url(self.url(queue));
        let messages = receive.max_number_of_messages(10).send().await.unwrap().messages;
        messages.unwrap_or_default().into_iter().filter_map(|message| message.body).collect()
    }

    pub(crate) fn url(&self, queue: &str) -> String {
        let endpoint = self.connection.config().endpoint_url().unwrap();
        format!("{endpoint}/000000000000/fanfare-{queue}")
    }
}

/// Notes in the ledger what became of an event now.
pub(crate) async fn note(connection: &Connection, id: &str, outcome: &str) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |n: i64| AttributeValue::N(n.to_string());
    let now = Timestamp::now().to_string();
    let put = connection.dynamodb().put_item().table_name("fanfare-Seen").item("id", text(id));
    let put = put.item("outcome", text(outcome)).item("attempts", number(1));
    let put = put.item("firstSeenAt", text(&now)).item("finishedAt", text(&now));
    let put = put.item("durationMicros", number(1)).item("expiresAt", number(i64::MAX));
    put.send().await.unwrap();
}

pub(crate) fn text(answer: &Response<Vec<u8>>) -> String {
    String::from_utf8(answer.body().clone()).unwrap()
}

/// An event's JSON.
pub(crate) fn event(id: &str, payload: &Value) -> String {
    json!({"eventType": "TemperatureMeasured", "eventId": id, "timestamp": "2024-01-15T10:30:00Z",
           "correlationId": "room-7", "payload": payload})
    .to_string()
}
