//! Start means checked: a function that can't work does not begin to.

use event_schema::CustomerRegistered;
use fanfare::{
    Clients, Consumer, Environment, Error, Event, Failure, Host, Key, NoEffect, Runtime, Table,
    Work, Write,
};
use std::net::TcpListener;
use std::time::{Duration, Instant};
use system_tests::{Aws, Store};

const NOTES: Table = Table::named_by("NOTES_TABLE");

/// Somebody was noted.
#[fanfare::event(stream = "note-{name}", correlation = name)]
pub(crate) struct Noted {
    /// Who it was.
    pub(crate) name: String,
}

/// A consumer that writes to a table and announces.
fn noting() -> Consumer<CustomerRegistered> {
    let note = |event: Event<CustomerRegistered>| async move {
        let name = event.payload.name;
        let note = Write::count(NOTES, Key::new("id", name.clone())).add("times", 1);
        Ok::<_, Failure>(Work::did("noted").write(note).announce(&Noted { name }))
    };
    Consumer::new("noting", note).tables([NOTES]).announces::<Noted>()
}

/// The settings that it needs, without one of them, or with another value of it.
fn on(
    clients: Clients,
    changed: &str,
    value: Option<&str>,
) -> Result<Runtime<CustomerRegistered, NoEffect>, Error> {
    let settings = [
        ("LEDGER_TABLE", "fanfare-LedgerTable"),
        ("EVENTS_TABLE", "fanfare-EventsTable"),
        ("NOTES_TABLE", "fanfare-EmailTable"),
        ("QUEUE_URL", "none"),
    ];
    let settings = settings.into_iter().filter(|(name, _)| *name != changed);
    let changed = value.map(|value| (changed, value));
    noting().on(clients, &Environment::from_iter(settings.chain(changed)), Host::real())
}

fn clients_of(aws: &Aws) -> Clients {
    let (dynamodb, sqs) = aws.clients();
    Clients { dynamodb, sqs }
}

/// An error in the one line in which a function prints it.
fn line(error: &Error) -> String {
    let line = format!("{error:?}");
    assert!(!line.contains('\n'), "{line}");
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variable_that_is_not_set_is_named_with_its_remedy() {
    let aws = Aws::at("http://127.0.0.1:9").await;
    for variable in ["LEDGER_TABLE", "EVENTS_TABLE", "NOTES_TABLE"] {
        let error = on(clients_of(&aws), variable, None).err().expect("an error");
        assert!(matches!(error, Error::TableNotSet { .. }));
        let line = line(&error);
        assert!(line.contains(variable) && line.contains("noting"), "{line}");
        assert!(line.contains("set it to the table's name"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_does_not_exist_is_named_with_its_variable_and_one_that_does_is_fine() {
    let store = Store::start(&[]).await;
    let clients = || clients_of(&store.aws);
    on(clients(), "", None).expect("it is set up").check().await.expect("all are there");
    for variable in ["LEDGER_TABLE", "EVENTS_TABLE", "NOTES_TABLE"] {
        let runtime = on(clients(), variable, Some("no-such-table")).expect("it is set up");
        let error = runtime.check().await.expect_err("there is none");
        assert!(matches!(error, Error::NoSuchTable { .. }));
        let line = line(&error);
        assert!(line.contains(variable) && line.contains("no-such-table"), "{line}");
    }
    let written = store.aws.items("LedgerTable").await;
    assert!(written.is_empty(), "nothing is written: {written:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dynamodb_that_does_not_answer_keeps_no_function_from_its_start() {
    // It takes connections, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let aws = Aws::at(&format!("http://{}", silent.local_addr().expect("its address"))).await;
    let runtime = on(clients_of(&aws), "", None).expect("it is set up");
    let began = Instant::now();

    runtime.check().await.expect("nobody said no");

    // 2 seconds, and some for a machine that is busy.
    assert!(began.elapsed() < Duration::from_secs(10));
}
