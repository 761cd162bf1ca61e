//! Who calls, in the store's words.

use event_schema::CustomerId;
use fanfare_bootstrap::Environment;
use fanfare_http::{Caller as Known, Problem, Token};

/// Who calls. Whoever is none of these is refused before anything is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A customer, who sees and does what is theirs.
    Customer(CustomerId),
    /// Somebody who runs the store.
    Staff,
    /// A program that AWS knows, such as a shop's backend: IAM has let it in, which is for staff to say.
    Machine,
}

/// By which claims of a token its holder is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The claim that is the customer's id.
    pub customer_id: String,
    /// The claim that lists what its holder is or may: a scope, or groups.
    pub staff: String,
    /// What that claim lists for staff; nobody is staff while it is empty.
    pub staff_value: String,
}

impl Claims {
    /// The claims that the settings name: OpenID Connect's `sub`, and `staff` among the scopes, if none are named.
    pub fn of(environment: &Environment) -> Self {
        let setting = |name, absent: &str| environment.optional(name).unwrap_or(absent).to_owned();
        Self {
            customer_id: setting("CUSTOMER_ID_CLAIM", "sub"),
            staff: setting("STAFF_CLAIM", "scope"),
            staff_value: setting("STAFF_VALUE", "staff"),
        }
    }

    /// Who calls, by what the front has found out.
    ///
    /// # Errors
    /// 403 for who is not known, or whose token does not say which customer they are.
    pub fn caller(&self, known: &Known) -> Result<Caller, Problem> {
        match known {
            Known::Unknown => {
                Err(Problem::forbidden("it is not known who calls: send a token, or sign the call"))
            }
            Known::Iam { .. } => Ok(Caller::Machine),
            Known::Token(token) if token.lists(&self.staff, &self.staff_value) => Ok(Caller::Staff),
            Known::Token(token) => self.customer(token).map(Caller::Customer),
        }
    }

    fn customer(&self, token: &Token) -> Result<CustomerId, Problem> {
        let claim = &self.customer_id;
        let id = token.claim(claim).ok_or_else(|| {
            Problem::forbidden(format!("the token has no claim {claim}, which says whose it is"))
        })?;
        CustomerId::new(id).map_err(|error| {
            Problem::forbidden(format!("the token's claim {claim} is no customer's id: {error}"))
        })
    }
}
