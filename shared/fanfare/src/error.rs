//! Why a function could not start, or stopped.

use fanfare_bootstrap::{ErrorChain, SettingError};
use std::fmt;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a function could not start, or stopped. Its `Debug` form, which is what a `main` that returns it
/// prints, is the error and its causes in one line.
///
/// ```
/// use fanfare::{Clients, Consumer, Environment, Error, Event, Failure, Host, Key, Table, Work, Write};
/// # #[fanfare::event(stream = "room-{room}", correlation = room)]
/// # pub struct TemperatureMeasured { pub room: String, pub celsius: i64 }
///
/// const ROOMS: Table = Table::named_by("ROOMS_TABLE");
///
/// async fn count(measured: Event<TemperatureMeasured>) -> Result<Work, Failure> {
///     let room = Key::new("room", measured.payload.room);
///     Ok(Work::did("counted").write(Write::count(ROOMS, room).add("measured", 1)))
/// }
///
/// # fn clients() -> Clients {
/// #     use fanfare::aws::{aws_sdk_dynamodb as dynamodb, aws_sdk_sqs as sqs};
/// #     macro_rules! client {
/// #         ($of:ident) => { $of::Client::from_conf(
/// #             $of::Config::builder().behavior_version($of::config::BehaviorVersion::latest()).build()) };
/// #     }
/// #     Clients { dynamodb: client!(dynamodb), sqs: client!(sqs) }
/// # }
/// let environment = Environment::from_iter([("LEDGER_TABLE", "ledger"), ("QUEUE_URL", "http://q")]);
/// let consumer = Consumer::new("counting", count).tables([ROOMS]);
///
/// let error = consumer.on(clients(), &environment, Host::real()).err();
///
/// assert!(matches!(error, Some(Error::TableNotSet { variable: "ROOMS_TABLE", .. })));
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is missing or malformed: mend the function's environment.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The consumer uses a table whose variable is not set: mend the function's environment.
    #[error(
        "environment variable {variable} is not set, and the consumer {consumer} uses the table that it names: set it \
         to the table's name in the function's Environment"
    )]
    TableNotSet {
        /// The variable.
        variable: &'static str,
        /// The consumer.
        consumer: &'static str,
    },
    /// There is no table of that name: mend the function's environment, or create the table.
    #[error(
        "environment variable {variable} is {name:?}, and DynamoDB has no table of that name: set it to the name of the \
         table that the consumer {consumer} uses"
    )]
    NoSuchTable {
        /// The variable.
        variable: &'static str,
        /// What it holds.
        name: String,
        /// The consumer.
        consumer: &'static str,
    },
    /// The function may not write to the ledger, without which it can do nothing: mend its role, or, since a role speaks
    /// of certain tables, the variable.
    #[error(
        "environment variable LEDGER_TABLE is {name:?}, and the function may not write there: set it to the name of the \
         ledger, or allow the function dynamodb:UpdateItem on its keys {consumer}#*"
    )]
    LedgerDenied {
        /// What the variable holds.
        name: String,
        /// The consumer.
        consumer: &'static str,
        /// What AWS says.
        #[source]
        source: Source,
    },
    /// Lambda's runtime API can't be reached, or ended the function.
    #[error("the Lambda runtime stopped")]
    Lambda(#[source] Source),
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&ErrorChain(self), f)
    }
}
