//! `Fn::Sub`: names in a text.

use super::Resolver;
use crate::document::{Node, Place, weight};
use crate::value::{Cause, Piece, Text, Unknown};

impl Resolver<'_> {
    pub(super) fn substitute(&self, argument: &Node) -> Result<Text, Unknown> {
        let place = argument.place;
        let wrong = || self.trail.fault(place, "must give Fn::Sub a text, or a text and a map");
        let (template, variables) = match argument.as_list() {
            None => (argument.as_text(), None),
            Some([template, variables]) if variables.as_map().is_some() => {
                (template.as_text(), Some(variables))
            }
            Some(_) => return Err(wrong()),
        };
        let template = template.ok_or_else(wrong)?;
        let mut text = Text::default();
        let mut unknown = None;
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("${") {
            let unclosed = || self.trail.fault(place, "has a `${` without its `}`");
            let (name, after) = after.split_once('}').ok_or_else(unclosed)?;
            text.push(Piece::Known(before.to_owned()));
            match self.variable(name, variables, place) {
                Ok(value) => self.append(&mut text, value)?,
                // The others are looked at all the same, so that a mistake is found in each.
                Err(why) => unknown = unknown.or(Some(why)),
            }
            rest = after;
        }
        self.append(&mut text, Text::known(rest))?;
        // What is looked up may be named by what was put in, so nothing of it is known here.
        let is_looked_up = template.contains("{{resolve:");
        let lookup = || Unknown::new(template, Cause::Lookup(template.to_owned()));
        match unknown.or_else(|| is_looked_up.then(lookup)) {
            Some(unknown) => Err(unknown),
            None => Ok(text),
        }
    }

    /// Adds to a text, as long as not too much is made.
    pub(super) fn append(&self, text: &mut Text, more: Text) -> Result<(), Unknown> {
        for piece in more.pieces() {
            if let Piece::Known(known) = piece {
                self.trail.spend(weight(known))?;
            }
        }
        text.append(more);
        Ok(())
    }

    fn variable(
        &self,
        name: &str,
        variables: Option<&Node>,
        place: Place,
    ) -> Result<Text, Unknown> {
        if let Some(literal) = name.strip_prefix('!') {
            return Ok(Text::known(format!("${{{literal}}}")));
        }
        let name = name.trim();
        if let Some(value) = variables.and_then(|variables| variables.get(name)) {
            return self.text(value);
        }
        // SAM names what it makes of a function after that: `Function.Alias`.
        if let Some((id, attribute)) = name.split_once('.') {
            return self.attribute(id, attribute, place);
        }
        let value = self.reference(name, place);
        let text = value.as_ref().and_then(|value| value.as_text());
        text.map(std::borrow::Cow::into_owned).ok_or_else(|| {
            self.trail.fault(place, format!("puts {name} in a text, but it is not one"))
        })
    }
}
