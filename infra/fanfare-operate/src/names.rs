//! From the names that a stack gives its resources to what they are called in its template.

/// The lengths of the random part that CloudFormation ends a name with; it was 13 characters once
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-resource-names.html>).
const RANDOM: std::ops::RangeInclusive<usize> = 12..=13;
/// The length of LocalStack's, which is the beginning of a UUID: `generate_default_name` in
/// <https://github.com/localstack/localstack/blob/v4.14.0/localstack-core/localstack/services/cloudformation/provider_utils.py>.
const UUID_PART: usize = 8;

/// What ends the logical id of a dead-letter queue, the longest first.
const DEAD_LETTERS: [&str; 7] =
    ["DeadLettersQueue", "DeadLetterQueue", "DeadLetters", "DeadLetter", "Dlq", "DLQ", "Queue"];

/// The logical id of a resource of the stack: `EmailQueue` of `STACK-EmailQueue-1A2B3C4D5E6F`, as
/// CloudFormation names it, of `STACK-EmailQueue-1a2b3c4d`, as LocalStack does, or of `STACK-EmailQueue`, as the
/// local runner does. `None`: it is another stack's, be it one whose name begins alike.
pub(crate) fn logical_id<'a>(name: &'a str, stack: &str) -> Option<&'a str> {
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

/// The consumer of a queue: `order-history` of `OrderHistoryQueue`.
pub(crate) fn consumer_of_queue(logical_id: &str) -> String {
    kebab(logical_id.strip_suffix("Queue").filter(|rest| !rest.is_empty()).unwrap_or(logical_id))
}

/// Whose dead letters a queue holds, by its own name: `relay` of `RelayDeadLetters`.
pub(crate) fn owner_of_dead_letters(logical_id: &str) -> String {
    let stripped = DEAD_LETTERS.iter().find_map(|ending| logical_id.strip_suffix(ending));
    kebab(stripped.filter(|rest| !rest.is_empty()).unwrap_or(logical_id))
}

/// Whether a queue says by its name that it holds dead letters.
pub(crate) fn says_dead_letters(logical_id: &str) -> bool {
    DEAD_LETTERS.iter().take(6).any(|ending| logical_id.ends_with(ending))
}

/// The last part of an ARN or URL: a queue's or topic's name.
pub(crate) fn last_part(arn_or_url: &str) -> &str {
    arn_or_url.rsplit([':', '/']).next().unwrap_or_default()
}

fn kebab(camel: &str) -> String {
    let mut text = String::with_capacity(camel.len() + 4);
    let mut before_is_lower = false;
    for c in camel.chars() {
        if c.is_ascii_uppercase() && before_is_lower {
            text.push('-');
        }
        before_is_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        text.push(c.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_logical_id_whoever_gave_it() {
        assert_eq!(logical_id("fanfare-EmailQueue", "fanfare"), Some("EmailQueue"));
        assert_eq!(logical_id("fanfare-EmailQueue-aBcD1234eFgH", "fanfare"), Some("EmailQueue"));
        assert_eq!(logical_id("fanfare-EmailQueue-1A2B3C4D5E6F7", "fanfare"), Some("EmailQueue"));
        assert_eq!(logical_id("fanfare-EmailQueue-0a1b2c3d", "fanfare"), Some("EmailQueue"));
        assert_eq!(logical_id("fanfare-EmailQueue-0a1b2c3d.fifo", "fanfare"), Some("EmailQueue"));
        assert_eq!(logical_id("fanfare-EmailQueue.fifo", "fanfare"), Some("EmailQueue"));
    }

    #[test]
    fn a_stack_whose_name_begins_alike_is_another_one() {
        for other in [
            "fanfare-dev-EmailQueue",
            "fanfare-dev-EmailQueue-aBcD1234eFgH",
            "fanfare-dev-EmailQueue-0a1b2c3d",
            // As long as LocalStack's random part, and none.
            "fanfare-dev-ApiQueue",
            "fanfare",
            "fanfare-",
        ] {
            assert_eq!(logical_id(other, "fanfare"), None, "{other}");
        }
        assert_eq!(logical_id("fanfare-dev-EmailQueue", "fanfare-dev"), Some("EmailQueue"));
    }

    #[test]
    fn a_logical_id_tells_the_consumer() {
        assert_eq!(consumer_of_queue("EmailQueue"), "email");
        assert_eq!(consumer_of_queue("OrderHistoryQueue"), "order-history");
        assert_eq!(consumer_of_queue("Queue"), "queue");
        assert_eq!(owner_of_dead_letters("RelayDeadLetters"), "relay");
        assert_eq!(owner_of_dead_letters("EmailDLQ"), "email");
        assert!(says_dead_letters("RelayDeadLetters") && !says_dead_letters("EmailQueue"));
    }
}
