//! From the names that a stack gives its resources to what they are called in its template.

use fanfare_template::roles::{ResourceDescription, StackDescription, kebab_without};

/// The lengths of the random part that CloudFormation ends a name with; it was 13 characters once
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-resource-names.html>).
const RANDOM: std::ops::RangeInclusive<usize> = 12..=13;
/// The length of LocalStack's, which is the beginning of a UUID: `generate_default_name` in
/// <https://github.com/localstack/localstack/blob/v4.14.0/localstack-core/localstack/services/cloudformation/provider_utils.py>.
const UUID_PART: usize = 8;

/// What may end the logical id of a dead-letter queue, the longest first.
const DEAD_LETTERS: [&str; 7] =
    ["DeadLettersQueue", "DeadLetterQueue", "DeadLetters", "DeadLetter", "Dlq", "DLQ", "Queue"];

/// The logical id of a resource whose name was made up: `BellsQueue` of `STACK-BellsQueue-1A2B3C4D5E6F`, as
/// CloudFormation names it, of `STACK-BellsQueue-1a2b3c4d`, as LocalStack does, or of `STACK-BellsQueue`, as the
/// local runner does. `None`: it is another stack's, be it one whose name begins alike.
fn generated<'a>(name: &'a str, stack: &str) -> Option<&'a str> {
    let name = name.strip_suffix(".fifo").unwrap_or(name);
    let rest = name.strip_prefix(stack)?.strip_prefix('-')?;
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let (id, random) = match rest.split_once('-') {
        Some((id, random)) => (id, Some(random)),
        None => (rest, None),
    };
    (is_plain(id) && random.is_none_or(|random| is_plain(random) && is_random(random)))
        .then_some(id)
}

/// Whether the end of a name is CloudFormation's or LocalStack's random part.
fn is_random(part: &str) -> bool {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    RANDOM.contains(&part.len()) || part.len() == UUID_PART && part.bytes().all(is_hex)
}

/// The names of a stack's resources on the service.
pub(crate) struct Names<'a> {
    description: &'a StackDescription,
}

impl<'a> Names<'a> {
    pub(crate) fn of(description: &'a StackDescription) -> Self {
        Self { description }
    }

    /// What the resource of this name is called in the template; `None`: it is none of the template's.
    pub(crate) fn logical_id(&self, name: &str) -> Option<&'a str> {
        let resources = &self.description.resources;
        let named = resources.iter().find(|resource| resource.name.as_deref() == Some(name));
        let found = named.or_else(|| {
            let logical_id = generated(name, &self.description.stack)?;
            let is_it = |one: &&ResourceDescription| is_unnamed(one, logical_id);
            resources.iter().find(is_it)
        });
        found.map(|resource| resource.logical_id.as_str())
    }
}

fn is_unnamed(resource: &ResourceDescription, logical_id: &str) -> bool {
    resource.name.is_none() && resource.logical_id == logical_id
}

/// Whose a queue is that has no role, by its own name: `air-conditioner` of `AirConditionerQueue`.
pub(crate) fn owner_of_queue(logical_id: &str) -> String {
    kebab_without(logical_id, "Queue")
}

/// Whose dead letters a queue holds that several share, by its own name: `shared` of `SharedDeadLetters`.
pub(crate) fn owner_of_dead_letters(logical_id: &str) -> String {
    let ending = DEAD_LETTERS.iter().find(|ending| logical_id.ends_with(*ending));
    kebab_without(logical_id, ending.unwrap_or(&""))
}

/// The last part of an ARN or URL: a queue's or topic's name.
pub(crate) fn last_part(arn_or_url: &str) -> &str {
    arn_or_url.rsplit([':', '/']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fanfare_template::roles::Roles;

    #[test]
    fn a_name_tells_its_logical_id_whoever_gave_it() {
        assert_eq!(generated("fanfare-BellsQueue", "fanfare"), Some("BellsQueue"));
        assert_eq!(generated("fanfare-BellsQueue-aBcD1234eFgH", "fanfare"), Some("BellsQueue"));
        assert_eq!(generated("fanfare-BellsQueue-1A2B3C4D5E6F7", "fanfare"), Some("BellsQueue"));
        assert_eq!(generated("fanfare-BellsQueue-0a1b2c3d", "fanfare"), Some("BellsQueue"));
        assert_eq!(generated("fanfare-BellsQueue-0a1b2c3d.fifo", "fanfare"), Some("BellsQueue"));
        assert_eq!(generated("fanfare-BellsQueue.fifo", "fanfare"), Some("BellsQueue"));
    }

    #[test]
    fn a_stack_whose_name_begins_alike_is_another_one() {
        for other in [
            "fanfare-dev-BellsQueue",
            "fanfare-dev-BellsQueue-aBcD1234eFgH",
            "fanfare-dev-BellsQueue-0a1b2c3d",
            // As long as LocalStack's random part, and none.
            "fanfare-dev-ApiQueue",
            "fanfare",
            "fanfare-",
        ] {
            assert_eq!(generated(other, "fanfare"), None, "{other}");
        }
        assert_eq!(generated("fanfare-dev-BellsQueue", "fanfare-dev"), Some("BellsQueue"));
    }

    #[test]
    fn a_logical_id_tells_whose_a_queue_is() {
        assert_eq!(owner_of_queue("AirConditionerQueue"), "air-conditioner");
        assert_eq!(owner_of_queue("Queue"), "queue");
        assert_eq!(owner_of_dead_letters("SharedDeadLetters"), "shared");
        assert_eq!(owner_of_dead_letters("ClimateDLQ"), "climate");
        assert_eq!(owner_of_dead_letters("Graveyard"), "graveyard");
    }

    #[test]
    fn a_name_that_the_template_gives_is_taken_before_one_that_is_made_up() {
        let resource = |logical_id: &str, name: Option<&str>| ResourceDescription {
            logical_id: logical_id.to_owned(),
            kind: "AWS::SQS::Queue".to_owned(),
            name: name.map(str::to_owned),
            arn: None,
            url: None,
        };
        let description = StackDescription {
            stack: "home".to_owned(),
            template: "template.yaml".to_owned(),
            api_url: None,
            roles: Roles::default(),
            resources: vec![resource("BellsQueue", None), resource("Alarms", Some("bells"))],
        };
        let names = Names::of(&description);
        assert_eq!(names.logical_id("home-BellsQueue-aBcD1234eFgH"), Some("BellsQueue"));
        assert_eq!(names.logical_id("bells"), Some("Alarms"));
        assert_eq!(names.logical_id("home-Alarms"), None, "it is called otherwise");
        assert_eq!(names.logical_id("home-Elsewhere"), None);
    }
}
