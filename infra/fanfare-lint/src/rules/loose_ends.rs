//! Every event has somebody who announces it, and somebody who acts on it.

use super::{Findings, Rule};
use crate::CatalogueFile;
use crate::stack::{Announcers, Interest, Located, Spot, Stack};
use fanfare_event::EventDescription;

pub(super) static EVENT_WITHOUT_CONSUMER: Rule = Rule {
    id: "event-without-consumer",
    title: "Event that no consumer acts on",
    why: "It is announced, and nothing happens: either a filter was forgotten, or the event was.",
    page: "https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html",
    check: check_consumers,
};

pub(super) static EVENT_WITHOUT_ANNOUNCER: Rule = Rule {
    id: "event-without-announcer",
    title: "Consumer of an event that nothing announces",
    why: "It waits for what never comes. A function may announce an event if its role may append to the event's stream.",
    page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html",
    check: check_announcers,
};

/// What there is to compare, if the template has consumers and its catalogue is known.
fn ends<'t>(stack: &Stack<'t>) -> Option<(&'t CatalogueFile, Vec<Interest<'t>>)> {
    let catalogue = stack.options.project.catalogue.as_ref()?;
    let interests = stack.interests();
    (!interests.is_empty()).then_some((catalogue, interests))
}

fn check_consumers(stack: &Stack<'_>, findings: &mut Findings) {
    let Some((file, interests)) = ends(stack) else { return };
    let announcers = Announcers::of(stack);
    let is_unheard = |event: &&EventDescription| {
        !interests.iter().any(|interest| interest.takes(&event.event_type))
    };
    for event in file.catalogue.events().iter().filter(is_unheard) {
        let name = &event.event_type;
        let (spot, announced) = match announcers.who(event).first() {
            Some(function) => (function.whole(), "is announced here, and "),
            None => (Spot::template(), "of the catalogue is announced nowhere here, and "),
        };
        findings.report(
            spot,
            format!("{name} {announced}no subscription lets it through to a consumer"),
            format!(
                "Add a consumer (`fanfare new consumer NAME --on {name}`) or the type to a filter; take the event away if \
                 nothing needs it; accept it if it is for others."
            ),
        );
    }
}

fn check_announcers(stack: &Stack<'_>, findings: &mut Findings) {
    let Some((file, interests)) = ends(stack) else { return };
    if stack.table(&stack.roles.event_store).is_none() {
        let text =
            "not judged: the event store is not in the template, so events come from outside";
        return findings.remark(Spot::template(), text.to_owned());
    }
    let announcers = Announcers::of(stack);
    for interest in &interests {
        for name in interest.named() {
            let Some(event) = file.catalogue.get(name) else { continue };
            if announcers.who(event).is_empty() {
                findings.report(
                    interest.spot.clone(),
                    format!(
                        "{} acts on {name}, and no function may append to its stream, {}",
                        interest.consumer.name, event.stream
                    ),
                    "Let the role of whoever announces it put items with such keys into the event store; accept it if the \
                     event comes from outside the template.",
                );
            }
        }
    }
}
