//! Addresses of HTTP APIs: what a template makes of an API's id leads to AWS, and must lead to the front of this machine.

/// Replaces `https://ID.execute-api.REGION.SUFFIX` in a text by where the front is.
pub(super) fn localised(text: &str, front: &str) -> String {
    let mut rest = text;
    let mut localised = String::with_capacity(text.len());
    while let Some(start) = rest.find("https://") {
        let (before, url) = rest.split_at(start);
        let is_end = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        let host = &url["https://".len()..];
        let (host, after) = host.split_at(host.find(is_end).unwrap_or(host.len()));
        localised.push_str(before);
        match host.split('.').nth(1) {
            Some("execute-api") => localised.push_str(front),
            _ => localised.extend(["https://", host]),
        }
        rest = after;
    }
    localised + rest
}

#[cfg(test)]
mod tests {
    use super::localised;

    #[test]
    fn an_api_s_address_is_the_front_s_and_no_other_is() {
        let front = |text| localised(text, "http://127.0.0.1:8080");

        assert_eq!(
            front("https://Api.execute-api.eu-west-1.amazonaws.com/orders/"),
            "http://127.0.0.1:8080/orders/"
        );
        assert_eq!(
            front("see https://a.execute-api.x.y, or https://b.execute-api.x.y"),
            "see http://127.0.0.1:8080, or http://127.0.0.1:8080"
        );
        for other in [
            "https://example.com/execute-api.x",
            "https://",
            "wss://a.execute-api.x.y",
            "é https://é",
        ] {
            assert_eq!(front(other), other);
        }
    }
}
