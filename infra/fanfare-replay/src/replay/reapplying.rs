//! What it means for a consumer to apply an event again.

/// What it means for a consumer to apply an event again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reapplying {
    /// It changes nothing that is right, for this reason.
    Harmless(&'static str),
    /// It is right only while this table, by its name in the template, is empty, for this reason.
    IfEmpty(&'static str, &'static str),
    /// It must not be, for this reason.
    Refused(&'static str),
    /// Nobody has said.
    Unknown,
}

const DECIDES: &str = "what it decided are events of the order, which others have acted on: deciding again gives \
     nothing but conflicts. A wrong decision is put right by a new event";

/// What it means for a consumer, by its name, to apply an event again.
pub fn reapplying(consumer: &str) -> Reapplying {
    match consumer {
        "email" => Reapplying::Refused("it would send every mail again"),
        "payment" => Reapplying::Refused(
            "it would ask for refunds again, and for charges whose keys the gateway may have forgotten: to the gateway, \
             these are others",
        ),
        "inventory" | "shipping" | "checkout" => Reapplying::Refused(DECIDES),
        "analytics" => Reapplying::IfEmpty(
            "SalesTable",
            "its figures are sums, so that every event would count twice. To have them counted anew: disable its \
             event source mapping, delete every item of its table, replay with --force, enable the mapping",
        ),
        "views" => Reapplying::Harmless(
            "what it knows of an order is a set, in which a fact counts once; `fanfare views rebuild` also takes out \
             what should not be there",
        ),
        _ => Reapplying::Unknown,
    }
}
