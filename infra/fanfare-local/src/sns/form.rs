//! AWS's query protocol: `Attributes.entry.1.key=…` as a tree.

use std::collections::BTreeMap;

use super::error::SnsError;

/// How many parts a name may have: SNS's longest, `PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.StringValue`,
/// has 8. Without a bound, a name of many parts is a tree that is too deep to be dropped.
const DEPTH: usize = 16;

/// How many parameters a request may have. The fullest, ten entries of a batch with ten attributes each, has some 350.
const PARAMETERS: usize = 2_000;

/// A request's parameters, by the parts of their names.
#[derive(Debug, Default)]
pub(crate) struct Form {
    value: Option<String>,
    children: BTreeMap<String, Form>,
}

/// Why a body is no form that any service takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormError {
    #[error("a parameter's name has more than {DEPTH} parts")]
    TooDeep,
    #[error("there are more than {PARAMETERS} parameters")]
    TooMany,
}

impl Form {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, FormError> {
        let mut form = Self::default();
        for (n, (name, value)) in form_urlencoded::parse(body).enumerate() {
            if n == PARAMETERS {
                return Err(FormError::TooMany);
            }
            if name.split('.').count() > DEPTH {
                return Err(FormError::TooDeep);
            }
            let mut place = &mut form;
            for part in name.split('.') {
                place = place.children.entry(part.to_owned()).or_default();
            }
            place.value = Some(value.into_owned());
        }
        Ok(form)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.children.get(name)?.value.as_deref()
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, SnsError> {
        self.get(name)
            .ok_or_else(|| SnsError::invalid(format!("Invalid parameter: {name} is missing")))
    }

    /// Whether this element of a list is the given text.
    pub(super) fn is(&self, text: &str) -> bool {
        self.value.as_deref() == Some(text)
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.get(name)
    }

    /// The elements of `name.member.1`, `name.entry.2` and so on, in the order of their numbers.
    pub(super) fn list(&self, name: &str, element: &str) -> Vec<&Self> {
        let elements = self.child(name).and_then(|list| list.child(element));
        let mut elements: Vec<(u32, &Self)> = elements
            .into_iter()
            .flat_map(|list| &list.children)
            .filter_map(|(number, element)| Some((number.parse().ok()?, element)))
            .collect();
        elements.sort_by_key(|(number, _)| *number);
        elements.into_iter().map(|(_, element)| element).collect()
    }

    /// A map such as `Attributes.entry.N.key` and `.value`.
    pub(super) fn map(&self, name: &str) -> BTreeMap<String, String> {
        self.list(name, "entry")
            .into_iter()
            .filter_map(|entry| {
                Some((entry.get("key")?.to_owned(), entry.get("value")?.to_owned()))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_the_order_of_their_numbers() {
        let form = Form::parse(
            b"Action=Publish&L.member.10.Id=j&L.member.2.Id=b&A.entry.1.key=k&A.entry.1.value=v+1",
        )
        .expect("a form");
        assert_eq!(form.get("Action"), Some("Publish"));
        let ids: Vec<_> =
            form.list("L", "member").iter().filter_map(|element| element.get("Id")).collect();
        assert_eq!(ids, ["b", "j"]);
        assert_eq!(form.map("A"), BTreeMap::from([("k".to_owned(), "v 1".to_owned())]));
    }

    #[test]
    fn a_name_of_too_many_parts_and_too_many_names_are_refused() {
        let error = |body: String| Form::parse(body.as_bytes()).expect_err("refused");
        assert_eq!(
            error(format!("Version=2010-03-31&{}=1", ".".repeat(10_000))),
            FormError::TooDeep
        );
        assert_eq!(error("a=1&".repeat(PARAMETERS + 1)), FormError::TooMany);
    }
}
