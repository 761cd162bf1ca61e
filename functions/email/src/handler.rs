//! What each event means for a customer's mailbox.

use crate::letter::Letter;
use crate::{Contact, Mail, contact};
use event_schema::{CustomerId, StoreEvent};
use fanfare::Event;
use fanfare::{Backoff, Consumer, Failure, Key, Only, State, Table, Work, Write};
use serde::Serialize;
use std::future::Future;
use std::time::Duration;

/// Email's own table: contacts and what was sent.
pub const EMAIL: Table = Table::named_by("EMAIL_TABLE");

/// How long a mail that can't be sent yet waits from one try to the next, up to a random part of each time. With the
/// template's 8 tries that makes 7 waits, of a quarter of an hour in all on average and half an hour at the most:
/// what most often lacks is a customer who registers some minutes after the order.
pub const PATIENCE: Backoff =
    Backoff { base: Duration::from_secs(15), cap: Duration::from_secs(15 * 60) };

/// The consumer, which sends by `send` and waits by [`PATIENCE`] for customers that are not known yet.
pub fn consumer<A, G>(send: A) -> Consumer<StoreEvent, Mail>
where
    A: Fn(Mail) -> G + Send + Sync + 'static,
    G: Future<Output = Result<(), Failure>> + Send + 'static,
{
    Consumer::with_effects("email", reads, decide, send)
        .backoff(PATIENCE)
        .tables([EMAIL])
        .effects_need(|_| "ses")
}

/// A mail that was sent, as it is kept.
#[derive(Serialize)]
struct Sent {
    subject: String,
}

/// What an event asks for.
enum Asked {
    /// To keep a contact.
    Contact(CustomerId, Contact),
    /// To tell the customer of an order.
    Letter(Letter),
    Nothing,
}

fn asked(payload: StoreEvent, version: Option<u64>) -> Result<Asked, Failure> {
    let unordered = || Failure::permanent("CustomerUpdated has no version to be ordered by");
    Ok(match payload {
        StoreEvent::CustomerRegistered(c) => {
            let version = version.unwrap_or(1);
            Asked::Contact(c.customer_id, Contact { name: c.name, email: c.email, version })
        }
        StoreEvent::CustomerUpdated(c) => {
            let version = version.ok_or_else(unordered)?;
            Asked::Contact(c.customer_id, Contact { name: c.name, email: c.email, version })
        }
        StoreEvent::OrderPlaced(order) => Asked::Letter(order.into()),
        StoreEvent::OrderConfirmed(order) => Asked::Letter(order.into()),
        StoreEvent::OrderShipped(order) => Asked::Letter(order.into()),
        StoreEvent::OrderCancelled(order) => Asked::Letter(order.into()),
        _ => Asked::Nothing,
    })
}

fn reads(event: &Event<StoreEvent>) -> Vec<(Table, Key)> {
    match asked(event.payload.clone(), event.version) {
        Ok(Asked::Letter(letter)) => {
            vec![(EMAIL, contact::key(&letter.customer_id)), (EMAIL, mail_key(&letter))]
        }
        _ => Vec::new(),
    }
}

async fn decide(event: Event<StoreEvent>, known: State) -> Result<Work<Mail>, Failure> {
    match asked(event.payload, event.version)? {
        Asked::Contact(customer, contact) => contact.keep(&customer),
        Asked::Letter(letter) => send(&letter, &known),
        Asked::Nothing => Ok(Work::did("nothing to mail")),
    }
}

fn send(letter: &Letter, known: &State) -> Result<Work<Mail>, Failure> {
    let unreadable = |e| Failure::permanent("email's table is unreadable").caused_by(e);
    let key = mail_key(letter);
    if known.item::<serde_json::Value>(EMAIL, &key).map_err(unreadable)?.is_some() {
        return Ok(Work::did("mailed already"));
    }
    let contact = known.item::<Contact>(EMAIL, &contact::key(&letter.customer_id));
    let Some(contact) = contact.map_err(unreadable)? else {
        let customer = &letter.customer_id;
        return Err(Failure::retry(format!("customer {customer} is not known yet")));
    };
    let mail = letter.to(&contact)?;
    let sent = Sent { subject: mail.subject.clone() };
    Ok(Work::did(format!("mailed {:?}", letter.kind))
        .write(Write::put(EMAIL, key, &sent, Only::IfAbsent))
        .effect(mail))
}

fn mail_key(letter: &Letter) -> Key {
    Key::new("id", format!("mail#{}#{}", letter.order_id, letter.kind))
}
