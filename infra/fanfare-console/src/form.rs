//! What a query or a form says.

use crate::error::ViewError;

/// Pairs of names and values.
#[derive(Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub(crate) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value of a name that holds something, without space around it.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        values.find_map(|(_, value)| Some(value.trim()).filter(|value| !value.is_empty()))
    }

    /// Every value of a name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A value that has to be there, of so many bytes at the most.
    pub(crate) fn require(&self, name: &'static str, most: usize) -> Result<&str, ViewError> {
        let wrong = |reason: &str| ViewError::Field { field: name, reason: reason.to_owned() };
        let value = self.get(name).ok_or_else(|| wrong("say something"))?;
        match value.len() <= most {
            true => Ok(value),
            false => Err(wrong(&format!("at most {most} bytes"))),
        }
    }
}

/// A text as a part of an address.
pub(crate) fn encoded(text: impl AsRef<str>) -> String {
    form_urlencoded::byte_serialize(text.as_ref().as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// What an address means by a part of itself; `None` when that is no text.
pub(crate) fn decoded(part: &str) -> Option<String> {
    let bytes = part.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut n = 0;
    while let Some(byte) = bytes.get(n) {
        match byte {
            b'%' => {
                let digits = part.get(n + 1..n + 3)?;
                decoded.push(u8::from_str_radix(digits, 16).ok()?);
                n += 3;
            }
            byte => {
                decoded.push(*byte);
                n += 1;
            }
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_an_address_comes_back() {
        for text in ["climate", "a b/c?d#e&f=g+h%", "grüße", "\0\u{202e}"] {
            assert_eq!(decoded(&encoded(text)).as_deref(), Some(text));
        }
        for wrong in ["%", "%2", "%zz", "%ff"] {
            assert_eq!(decoded(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_field_that_has_to_be_there_is_asked_for_by_its_name() {
        let form = Form::parse(b"why=+&id=1&id=2");
        assert_eq!(form.require("why", 10).expect_err("empty").to_string(), "why: say something");
        assert_eq!(form.require("id", 0).expect_err("long").to_string(), "id: at most 0 bytes");
        assert_eq!(form.all("id").collect::<Vec<_>>(), ["1", "2"]);
    }
}
