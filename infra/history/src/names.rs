//! From the names that a stack gives its resources to what they are called in its template.

/// The length of the random part that CloudFormation ends a name with; it was 13 characters once
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-resource-names.html>).
const RANDOM: std::ops::RangeInclusive<usize> = 12..=13;

/// The logical id of a resource of the stack: `EmailQueue` of `STACK-EmailQueue-1A2B3C4D5E6F`, as
/// CloudFormation names it, or of `STACK-EmailQueue`, as the local runner does. `None`: it is another stack's,
/// be it one whose name begins alike.
pub(crate) fn logical_id<'a>(name: &'a str, stack: &str) -> Option<&'a str> {
    let rest = name.strip_prefix(stack)?.strip_prefix('-')?;
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let (id, random) = match rest.split_once('-') {
        Some((id, random)) => (id, Some(random)),
        None => (rest, None),
    };
    let fits = random.is_none_or(|random| RANDOM.contains(&random.len()) && is_plain(random));
    (is_plain(id) && fits).then_some(id)
}

/// The consumer of a queue: `order-history` of `OrderHistoryQueue`. `None`: it is no consumer's queue.
pub(crate) fn consumer_of_queue(logical_id: &str) -> Option<String> {
    let name = logical_id.strip_suffix("Queue").filter(|name| !name.is_empty())?;
    let mut kebab = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    Some(kebab)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_logical_id_whoever_gave_it() {
        for name in ["fanfare-EmailQueue", "fanfare-EmailQueue-aBcD1234eFgH"] {
            assert_eq!(logical_id(name, "fanfare"), Some("EmailQueue"));
        }
        for other in ["fanfare-dev-EmailQueue", "fanfare-dev-EmailQueue-aBcD1234eFgH", "fanfare"] {
            assert_eq!(logical_id(other, "fanfare"), None, "{other}");
        }
    }

    #[test]
    fn a_queue_tells_its_consumer() {
        assert_eq!(consumer_of_queue("OrderHistoryQueue").as_deref(), Some("order-history"));
        assert_eq!(consumer_of_queue("EmailDeadLetters"), None);
    }
}
