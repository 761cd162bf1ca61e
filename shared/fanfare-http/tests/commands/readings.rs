//! A producer for these tests: readings of rooms.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use fanfare_event_store::EventStore;
use fanfare_http::{Command, CommandError, Commands, Request, Response};
use fanfare_local::{Options, Runner};
use std::path::Path;

/// A room's temperature was measured.
#[fanfare_event::event(stream = "room-{room}", correlation = room)]
#[derive(Eq)]
pub(crate) struct Measured {
    /// The room.
    pub(crate) room: u32,
    /// The temperature, in degrees Celsius.
    pub(crate) celsius: i32,
}

/// A producer on tables of its own.
pub(crate) struct Readings {
    pub(crate) client: Client,
    pub(crate) events: EventStore,
    pub(crate) commands: Commands,
    /// Ends the tables when dropped.
    _runner: Runner,
}

impl Readings {
    pub(crate) async fn start() -> Self {
        let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stack.yaml");
        let mut options = Options::new(template);
        (options.port, options.api_port) = (0, 0);
        let runner = Runner::start(options).await.unwrap();
        let client = client(runner.endpoint());
        let events = EventStore::new(client.clone(), "fanfare-Journal");
        let commands = commands(&client, "fanfare-Journal", "fanfare-Consumed");
        Self { client, events, commands, _runner: runner }
    }

    /// Carries out a call that announces a reading; the response says which number it has among all calls.
    pub(crate) async fn record(
        &self,
        request: &Request,
        measured: &Measured,
        number: u32,
    ) -> Result<Response, CommandError> {
        let command = Command::new("record-reading", measured, Response::new(202, &number))?;
        self.commands.execute(request, command.announce(measured)?).await
    }

    /// How many events a room's stream has.
    pub(crate) async fn count(&self, room: u32) -> usize {
        self.events.read(&format!("room-{room}")).await.unwrap().len()
    }
}

pub(crate) fn client(endpoint: &str) -> Client {
    Client::from_conf(
        aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(endpoint)
            .build(),
    )
}

pub(crate) fn commands(client: &Client, events: &str, ledger: &str) -> Commands {
    Commands::new(client.clone(), EventStore::new(client.clone(), events), ledger, "readings")
}

/// A call with this key.
pub(crate) fn with_key(key: &str) -> Request {
    Request::new("POST", "/readings").with_header("Idempotency-Key", key)
}

pub(crate) fn measured(celsius: i32) -> Measured {
    Measured { room: 7, celsius }
}
