//! `PUT /customers/{customerId}`

use crate::Api;
use crate::names::check_name;
use email_address::{EmailAddress, Options};
use event_schema::{CustomerId, CustomerRegistered, CustomerUpdated, StoreEvent};
use fanfare::{Envelope, Event, SchemaError};
use fanfare_http::{Command, CommandError, Problem, Request, Response, unavailable};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The longest address, in bytes (RFC 5321, section 4.5.3.1.3, less its angle brackets).
const MAX_EMAIL: usize = 254;
/// How often a change is tried again when another one came first.
const TRIES: u32 = 5;

/// A customer as given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// Their name.
    pub name: String,
    /// Where their mails go.
    pub email: String,
}

impl Customer {
    /// Checks what a mail's header could be forged by, and what can't be an address.
    ///
    /// # Errors
    /// 400, naming the field.
    pub fn check(&self) -> Result<(), Problem> {
        check_name("name", &self.name)?;
        // What mail servers take in a header as it is: no quotes, nothing but ASCII.
        let plain = |b: u8| b.is_ascii_graphic() && !b"()<>[],;:\\\"".contains(&b);
        let options = Options::default().with_required_tld().without_domain_literal();
        let is_address =
            EmailAddress::parse_with_options(&self.email, options.without_display_text());
        if is_address.is_err() || !self.email.bytes().all(plain) || self.email.len() > MAX_EMAIL {
            let detail = "must be a mail address such as ada@example.com";
            return Err(Problem::invalid("email", detail));
        }
        Ok(())
    }
}

impl Api {
    /// Registers or updates; the same again changes nothing.
    pub(crate) async fn put_customer(
        &self,
        id: CustomerId,
        request: &Request,
    ) -> Result<Response, Problem> {
        let customer: Customer = request.json()?;
        customer.check()?;
        for _ in 0..TRIES {
            let history = self.events.read(&format!("customer-{id}")).await.map_err(unavailable)?;
            let known = last_known(&history).map_err(unavailable)?;
            if known.as_ref() == Some(&customer) {
                return Ok(accepted(&id));
            }
            let after = history.last().and_then(|event| event.version).unwrap_or(0);
            let command = Command::new("put-customer", &(&id, &customer), accepted(&id))?;
            let command = match known {
                None => command.after(after, &registered(&id, &customer))?,
                Some(_) => command.after(after, &updated(&id, &customer))?,
            };
            match self.commands.execute(request, command).await {
                Ok(response) => return Ok(response),
                Err(CommandError::StreamMoved { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Problem::conflict("customerId", "others keep changing this customer; try again"))
    }
}

fn accepted(id: &CustomerId) -> Response {
    Response::new(202, &json!({"customerId": id}))
}

/// The customer as the last event of the stream tells.
fn last_known(history: &[Envelope]) -> Result<Option<Customer>, SchemaError> {
    let Some(last) = history.last() else { return Ok(None) };
    Ok(match Event::from_envelope(last)?.payload {
        StoreEvent::CustomerRegistered(c) => Some(Customer { name: c.name, email: c.email }),
        StoreEvent::CustomerUpdated(c) => Some(Customer { name: c.name, email: c.email }),
        _ => None,
    })
}

fn registered(id: &CustomerId, customer: &Customer) -> CustomerRegistered {
    let Customer { name, email } = customer.clone();
    CustomerRegistered { customer_id: id.clone(), name, email }
}

fn updated(id: &CustomerId, customer: &Customer) -> CustomerUpdated {
    let Customer { name, email } = customer.clone();
    CustomerUpdated { customer_id: id.clone(), name, email }
}
