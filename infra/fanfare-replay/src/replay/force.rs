//! Having events applied again that were applied already.

use crate::ReplayError;
use crate::error::aws;
use fanfare_operate::{Connection, ForcedReplay};

/// A replay that has events applied again. What was applied before is sent as another event, whose id is
/// `ID:replay:FORCE`: with the same name, each event is applied again once, however often it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Force(String);

impl Force {
    /// The longest name: event ids have 128 characters at the most.
    const LONGEST: usize = 32;

    /// A replay of this name.
    ///
    /// # Errors
    /// [`ReplayError::Asked`] when it can't be part of an event's id.
    pub fn named(name: &str) -> Result<Self, ReplayError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
        match (1..=Self::LONGEST).contains(&name.len()) && name.bytes().all(allowed) {
            true => Ok(Self(name.to_owned())),
            false => Err(ReplayError::Asked(format!(
                "a replay's id must be 1 to {} of the characters A-Z a-z 0-9 _ -, not {name:?}",
                Self::LONGEST
            ))),
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// How a consumer says what a replay by force does to it.
const UNSAID: &str = "nobody has said what becomes of events that it applies again. If that changes nothing that is right, \
     give its function `Metadata: { Fanfare: { ForcedReplay: Harmless } }` in the template; if it is right only while a \
     table is empty, `ForcedReplay: { IfEmpty: TABLE, Because: why }`; if never, `ForcedReplay: { Refused: why }`";

/// Lets a replay by force go on if the consumer's template says that it may.
///
/// # Errors
/// [`ReplayError::Force`] if it says otherwise, or nothing.
pub(super) async fn allow(stack: &Connection, consumer: &str) -> Result<(), ReplayError> {
    let roles = &stack.description().await?.roles;
    let said = roles.consumer(consumer).map(|consumer| &consumer.forced_replay);
    let why = match said.unwrap_or(&ForcedReplay::Unsaid) {
        ForcedReplay::Harmless(_) => return Ok(()),
        ForcedReplay::Refused(why) => why,
        ForcedReplay::IfEmpty { table, because } => match is_empty(stack, table).await? {
            true => return Ok(()),
            false => because,
        },
        ForcedReplay::Unsaid => UNSAID,
    };
    Err(ReplayError::Force { consumer: consumer.to_owned(), why: why.to_owned() })
}

async fn is_empty(stack: &Connection, table: &str) -> Result<bool, ReplayError> {
    let name = stack.table(table).await?;
    let scan = stack.dynamodb().scan().table_name(name).consistent_read(true).limit(1);
    let found = scan.send().await.map_err(aws(format!("looking whether {table} is empty")))?;
    Ok(found.items().is_empty() && found.last_evaluated_key().is_none())
}
