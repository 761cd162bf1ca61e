//! One statement of a policy.

use super::{Owner, Spot, Stack};
use crate::pattern::fits;
use fanfare_template::{Piece, Resource, Setting, Text, Value};

/// A statement and where it stands.
pub(crate) struct Statement<'t> {
    pub(crate) spot: Spot,
    value: &'t Value,
}

/// Conditions of these operators let a request through only if the key is there and fits.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
const NARROWING_OPERATORS: [&str; 6] =
    ["stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"];

/// Keys that say who asks, or on whose behalf.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
const NARROWING_KEYS: [&str; 16] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "aws:username",
    "sns:endpoint",
];

/// Keys that say how a request comes or which items it touches, and nothing of the resource.
const KEYS_BESIDE_THE_RESOURCE: [&str; 8] = [
    "aws:securetransport",
    "aws:requestedregion",
    "aws:multifactorauthpresent",
    "aws:sourceip",
    "aws:tokenissuetime",
    "dynamodb:attributes",
    "dynamodb:leadingkeys",
    "dynamodb:select",
];

/// The key of conditions on the partition keys of items.
const LEADING_KEYS: &str = "dynamodb:LeadingKeys";

impl<'t> Statement<'t> {
    pub(super) fn new(spot: Spot, value: &'t Value) -> Self {
        Self { spot, value }
    }

    /// Whether it allows something. A statement that nobody can read here does not, but for that.
    pub(crate) fn allows(&self) -> bool {
        let effect = self.value.find_text(&["Effect"]).known();
        effect.is_some_and(|effect| effect.as_known() == Some("Allow"))
    }

    /// What the statement depends on, if it is unknown as a whole.
    pub(crate) fn why_unknown(&self) -> Option<&str> {
        self.value.why_unknown()
    }

    /// The items of `Action`, `Resource` and their like: each text and where it stands.
    pub(crate) fn items(&self, element: &str) -> Vec<(Text, Spot)> {
        let Some(field) = self.value.field(element) else { return Vec::new() };
        let spot = self.spot.below(self.value, &[element]);
        let item = |item: &Value| {
            let text = item.as_text()?.into_owned();
            Some((text, Spot { place: item.place, ..spot.clone() }))
        };
        field.value.each().iter().filter_map(item).collect()
    }

    pub(crate) fn has(&self, element: &str) -> bool {
        self.value.field(element).is_some()
    }

    /// Whom it lets in that nobody here knows, before its conditions: anyone, by `Principal: "*"` and its
    /// spellings, or a service of AWS, which comes on behalf of any account.
    pub(crate) fn strangers(&self) -> Option<(String, Spot)> {
        if self.has("NotPrincipal") {
            let spot = self.spot.below(self.value, &["NotPrincipal"]);
            return Some(("almost everybody (NotPrincipal)".to_owned(), spot));
        }
        let spot = self.spot.below(self.value, &["Principal"]);
        let principal = &self.value.field("Principal")?.value;
        let accounts = principal.field("AWS").map_or(principal, |field| &field.value);
        if accounts.each().iter().any(|one| one.as_known() == Some("*")) {
            return Some(("everybody".to_owned(), spot));
        }
        let service = principal.field("Service")?.value.each().first()?.as_text()?.into_owned();
        Some((format!("{service} on behalf of any account"), spot))
    }

    /// Whether one of its actions means this one, which is written in small letters.
    pub(crate) fn is_about_action(&self, action: &str) -> bool {
        let means = |(pattern, _): &(Text, Spot)| {
            pattern.as_known().is_none_or(|pattern| fits(&pattern.to_ascii_lowercase(), action))
        };
        self.items("Action").iter().any(means)
    }

    /// Whether it is about a table itself: not about its indexes or its stream.
    pub(crate) fn is_about_table(&self, stack: &Stack<'_>, table: &Resource) -> Setting<bool> {
        let mut unknown = None;
        for (resource, _) in self.items("Resource") {
            let is_stream =
                matches!(resource.pieces(), [Piece::Attribute(_, name)] if name == "StreamArn");
            match stack.table_of(&resource) {
                Owner::Resource(other) if other.id == table.id && !is_stream => {
                    return Setting::Known(true);
                }
                Owner::Elsewhere if resource.as_known() == Some("*") => {
                    return Setting::Known(true);
                }
                Owner::Elsewhere if resource.to_string().contains('*') => {
                    unknown = Some(resource.to_string());
                }
                Owner::Unknown(why) => unknown = Some(why),
                Owner::Resource(_) | Owner::Elsewhere => {}
            }
        }
        unknown.map_or(Setting::Known(self.has("NotResource")), Setting::Unknown)
    }

    /// The patterns that the keys of items have to fit, and where each stands; absent: any key will do.
    pub(crate) fn leading_keys(&self) -> Setting<Vec<(String, Spot)>> {
        let conditions = match self.value.find(&["Condition"]) {
            Setting::Absent => return Setting::Absent,
            Setting::Unknown(why) => return Setting::Unknown(why),
            Setting::Known(conditions) => conditions,
        };
        let operators = conditions.fields().iter();
        let mut keys = operators.flat_map(|operator| operator.value.fields());
        let Some(field) = keys.find(|field| field.key.eq_ignore_ascii_case(LEADING_KEYS)) else {
            return Setting::Absent;
        };
        let spot = self.spot.below(self.value, &["Condition"]);
        let mut patterns = Vec::new();
        for item in field.value.each() {
            let Some(pattern) = item.as_known() else {
                return Setting::Unknown(format!("a key in {LEADING_KEYS}"));
            };
            patterns.push((pattern.to_owned(), Spot { place: item.place, ..spot.clone() }));
        }
        Setting::Known(patterns)
    }

    /// Whether it lets this topic send to the queue whose policy it is of.
    pub(crate) fn lets_send(&self, topic: &Text) -> Setting<bool> {
        if let Some(why) = self.why_unknown() {
            return Setting::Unknown(why.to_owned());
        }
        let is_sending = self.allows() && self.is_about_action("sqs:sendmessage");
        if !is_sending || !self.lets_sns_in() {
            return Setting::Known(false);
        }
        let conditions = match self.value.find(&["Condition"]) {
            Setting::Absent => return Setting::Known(true),
            Setting::Unknown(why) => return Setting::Unknown(why),
            Setting::Known(conditions) => conditions,
        };
        let keys = conditions.fields().iter().flat_map(|operator| operator.value.fields());
        let mut sources = keys.filter(|key| key.key.eq_ignore_ascii_case("aws:SourceArn"));
        match sources.next() {
            None => Setting::Known(true),
            Some(source) => fits_source(&source.value, topic),
        }
    }

    fn lets_sns_in(&self) -> bool {
        let Some(principal) = self.value.field("Principal").map(|field| &field.value) else {
            return false;
        };
        let is = |value: &Value, meant: &str| {
            value.each().iter().any(|one| one.as_known().is_none_or(|one| one == meant))
        };
        let field =
            |name, meant| principal.field(name).is_some_and(|field| is(&field.value, meant));
        (principal.fields().is_empty() && is(principal, "*"))
            || field("AWS", "*")
            || field("Service", "sns.amazonaws.com")
    }

    /// Whether its conditions say who may ask.
    pub(crate) fn is_narrowed_to_someone(&self) -> Setting<bool> {
        self.narrowed(|operator, key, value| {
            let operator = operator.trim_start_matches("foranyvalue:");
            let is_about_someone =
                NARROWING_KEYS.contains(&key) || key.starts_with("aws:principaltag/");
            NARROWING_OPERATORS.contains(&operator)
                && is_about_someone
                && !value.each().iter().any(|item| item.as_known().is_some_and(is_open))
        })
    }

    /// Whether its conditions say what may be acted on, as those on tags do.
    pub(crate) fn is_narrowed_to_something(&self) -> Setting<bool> {
        self.narrowed(|_, key, _| !KEYS_BESIDE_THE_RESOURCE.contains(&key))
    }

    fn narrowed(&self, test: impl Fn(&str, &str, &Value) -> bool) -> Setting<bool> {
        let conditions = match self.value.find(&["Condition"]) {
            Setting::Absent => return Setting::Known(false),
            Setting::Unknown(why) => return Setting::Unknown(why),
            Setting::Known(conditions) => conditions,
        };
        for operator in conditions.fields() {
            if let Some(why) = operator.value.why_unknown() {
                return Setting::Unknown(why.to_owned());
            }
            let name = operator.key.to_ascii_lowercase();
            let mut keys = operator.value.fields().iter();
            if keys.any(|field| test(&name, &field.key.to_ascii_lowercase(), &field.value)) {
                return Setting::Known(true);
            }
        }
        Setting::Known(false)
    }
}

/// Whether one of a condition's sources is this topic, or a pattern that its ARN may fit.
fn fits_source(sources: &Value, topic: &Text) -> Setting<bool> {
    let mut unknown = None;
    for source in sources.each() {
        let Some(source) = source.as_text() else { continue };
        let known = source.pieces().iter().filter_map(|piece| match piece {
            Piece::Known(text) => Some(text.as_str()),
            _ => None,
        });
        let has_wildcard = known.into_iter().any(|text| text.contains(['*', '?']));
        let is_topic = *source == *topic
            || (source.resource().is_some() && source.resource() == topic.resource());
        if is_topic || has_wildcard {
            return Setting::Known(true);
        }
        // A name that the template gives, or a topic of another stack.
        if source.resource().is_none() || topic.resource().is_none() {
            unknown = Some(source.to_string());
        }
    }
    unknown.map_or(Setting::Known(false), Setting::Unknown)
}

/// Whether a condition's value fits everybody.
fn is_open(value: &str) -> bool {
    if matches!(value, "*" | "0.0.0.0/0" | "::/0") {
        return true;
    }
    let mut parts = value.splitn(6, ':');
    let is_arn = parts.next() == Some("arn");
    let rest: Vec<&str> = parts.skip(2).collect();
    is_arn && rest.iter().all(|part| matches!(*part, "" | "*"))
}

#[cfg(test)]
mod tests {
    use super::is_open;

    #[test]
    fn a_value_is_open_if_it_names_nobody() {
        for open in ["*", "0.0.0.0/0", "arn:aws:sns:*:*:*", "arn:aws:s3:::*", "arn:*"] {
            assert!(is_open(open), "{open}");
        }
        for narrow in ["arn:aws:s3:::mine", "arn:aws:sns:*:111122223333:*", "o-1", "10.0.0.0/8"] {
            assert!(!is_open(narrow), "{narrow}");
        }
    }
}
