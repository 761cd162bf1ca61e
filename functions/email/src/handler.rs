//! What each event means for a customer's mailbox.

use crate::{Contact, Mail, contact};
use consumer::{Consumer, Failure, Key, Only, State, Table, Work, Write};
use event_schema::{Event, OrderId, OrderPlaced, StoreEvent};
use serde::Serialize;
use std::future::Future;

/// Email's own table: contacts and what was sent.
pub const EMAIL: Table = Table::named_by("EMAIL_TABLE");

/// The consumer, which sends by `send`.
pub fn consumer<A, G>(send: A) -> Consumer<StoreEvent, Mail>
where
    A: Fn(Mail) -> G + Send + Sync + 'static,
    G: Future<Output = Result<(), Failure>> + Send + 'static,
{
    Consumer::with_effects("email", reads, decide, send)
}

/// A mail that was sent, as it is kept.
#[derive(Serialize)]
struct Sent {
    subject: String,
}

fn reads(event: &Event<StoreEvent>) -> Vec<(Table, Key)> {
    match &event.payload {
        StoreEvent::OrderPlaced(order) => vec![
            (EMAIL, contact::key(&order.customer_id)),
            (EMAIL, mail_key(&order.order_id, "received")),
        ],
        _ => Vec::new(),
    }
}

async fn decide(event: Event<StoreEvent>, known: State) -> Result<Work<Mail>, Failure> {
    let version = event.version.unwrap_or(1);
    match event.payload {
        StoreEvent::CustomerRegistered(c) => {
            Contact { name: c.name, email: c.email, version }.keep(&c.customer_id)
        }
        StoreEvent::CustomerUpdated(c) => {
            Contact { name: c.name, email: c.email, version }.keep(&c.customer_id)
        }
        StoreEvent::OrderPlaced(order) => order_received(&order, &known),
        _ => Ok(Work::did("nothing to mail")),
    }
}

fn order_received(order: &OrderPlaced, known: &State) -> Result<Work<Mail>, Failure> {
    let unreadable = |e| Failure::permanent("email's table is unreadable").caused_by(e);
    let key = mail_key(&order.order_id, "received");
    if known.item::<serde_json::Value>(EMAIL, &key).map_err(unreadable)?.is_some() {
        return Ok(Work::did("mailed already"));
    }
    let contact = known.item::<Contact>(EMAIL, &contact::key(&order.customer_id));
    let Some(contact) = contact.map_err(unreadable)? else {
        return Err(Failure::retry(format!("customer {} is not known yet", order.customer_id)));
    };
    let mail = Mail::order_received(order, &contact);
    let sent = Sent { subject: mail.subject.clone() };
    Ok(Work::did("mailed \"received\"")
        .write(Write::put(EMAIL, key, &sent, Only::IfAbsent))
        .effect(mail))
}

fn mail_key(order: &OrderId, kind: &str) -> Key {
    Key::new("id", format!("mail#{order}#{kind}"))
}
