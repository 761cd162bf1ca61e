//! Texts of which some parts are known only to AWS.
//!
//! `!Sub "/aws/lambda/${AWS::StackName}-relay"` is a text even though nobody here knows the stack's name: it
//! equals another that is made of the same parts.

use super::unknown::{Cause, Unknown};
use std::fmt;

/// A text in pieces, no two known ones side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    pieces: Vec<Piece>,
}

/// A part of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Known as it is.
    Known(String),
    /// What `Ref` of a resource gives.
    Reference(String),
    /// What `Fn::GetAtt` of a resource gives: its name, and the attribute's.
    Attribute(String, String),
    /// Anything else that only AWS knows.
    Unknown(Unknown),
}

impl Text {
    /// A text that is known.
    pub fn known(text: impl Into<String>) -> Self {
        Self::of(Piece::Known(text.into()))
    }

    /// A text of which nothing is known.
    pub fn unknown(unknown: impl Into<Unknown>) -> Self {
        Self::of(Piece::Unknown(unknown.into()))
    }

    /// A text of one piece.
    pub fn of(piece: Piece) -> Self {
        let mut text = Self::default();
        text.push(piece);
        text
    }

    /// Adds a piece at the end.
    pub fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (_, Piece::Known(more)) if more.is_empty() => {}
            (Some(Piece::Known(text)), Piece::Known(more)) => text.push_str(&more),
            (_, piece) => self.pieces.push(piece),
        }
    }

    /// Adds a text at the end.
    pub fn append(&mut self, other: Self) {
        for piece in other.pieces {
            self.push(piece);
        }
    }

    /// The pieces, no two known ones side by side.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The whole text, if all of it is known.
    pub fn as_known(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Known(text)] => Some(text),
            _ => None,
        }
    }

    /// The resource that the whole text is a reference to, whatever its attribute.
    pub fn resource(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Reference(id) | Piece::Attribute(id, _)] => Some(id),
            _ => None,
        }
    }

    /// The first part that only AWS knows.
    pub fn first_unknown(&self) -> Option<&Piece> {
        self.pieces.iter().find(|piece| !matches!(piece, Piece::Known(_)))
    }

    /// Why the text is unknown, if some part of it is.
    pub fn why_unknown(&self) -> Option<Unknown> {
        let piece = self.first_unknown()?;
        Some(match piece {
            Piece::Unknown(unknown) => unknown.clone(),
            reference => {
                let name = reference.to_string().replace(['$', '{', '}'], "");
                Unknown::new(name.clone(), Cause::Resource(name))
            }
        })
    }

    /// What comes after the last such character in the known parts; the whole text if there is none.
    pub fn after_last(&self, separator: char) -> Self {
        let mut rest = Self::default();
        for piece in &self.pieces {
            match piece {
                Piece::Known(text) => match text.rsplit_once(separator) {
                    Some((_, after)) => rest = Self::known(after),
                    None => rest.push(piece.clone()),
                },
                other => rest.push(other.clone()),
            }
        }
        rest
    }

    /// Whether the two can be the same text: not known to differ.
    pub fn may_equal(&self, other: &Self) -> bool {
        let (mut one, mut two) = (self.pieces.as_slice(), other.pieces.as_slice());
        while let ([first, one_rest @ ..], [second, two_rest @ ..]) = (one, two)
            && first == second
        {
            (one, two) = (one_rest, two_rest);
        }
        while let ([one_rest @ .., last], [two_rest @ .., other]) = (one, two)
            && last == other
        {
            (one, two) = (one_rest, two_rest);
        }
        match (one, two) {
            ([], []) => true,
            ([], rest) | (rest, []) => !rest.iter().any(|piece| matches!(piece, Piece::Known(_))),
            _ => starts_fit(one, two) && ends_fit(one, two) && !(is_known(one) && is_known(two)),
        }
    }
}

fn is_known(pieces: &[Piece]) -> bool {
    pieces.iter().all(|piece| matches!(piece, Piece::Known(_)))
}

fn starts_fit(one: &[Piece], two: &[Piece]) -> bool {
    match (one.first(), two.first()) {
        (Some(Piece::Known(one)), Some(Piece::Known(two))) => {
            one.starts_with(two.as_str()) || two.starts_with(one.as_str())
        }
        _ => true,
    }
}

fn ends_fit(one: &[Piece], two: &[Piece]) -> bool {
    match (one.last(), two.last()) {
        (Some(Piece::Known(one)), Some(Piece::Known(two))) => {
            one.ends_with(two.as_str()) || two.ends_with(one.as_str())
        }
        _ => true,
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| piece.fmt(f))
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(text) => f.write_str(text),
            Self::Reference(id) => write!(f, "${{{id}}}"),
            Self::Attribute(id, name) => write!(f, "${{{id}.{name}}}"),
            Self::Unknown(unknown) => write!(f, "${{{unknown}}}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `$x` is a part that only AWS knows.
    fn text(words: &[&str]) -> Text {
        let mut text = Text::default();
        for word in words {
            text.push(match word.strip_prefix('$') {
                Some(name) => Piece::Unknown(name.into()),
                None => Piece::Known((*word).into()),
            });
        }
        text
    }

    #[test]
    fn texts_are_told_apart_by_what_is_known_of_them() {
        let mail = text(&["$stack", "-email"]);

        assert!(mail.may_equal(&text(&["$stack", "-email"])));
        assert!(mail.may_equal(&text(&["$other"])));
        assert!(mail.may_equal(&text(&["shop-email"])));
        assert!(!mail.may_equal(&text(&["$stack", "-relay"])));
        assert!(!mail.may_equal(&text(&["shop-relay"])));
        assert!(!text(&["a"]).may_equal(&text(&["ab"])));
        assert!(text(&["a", "$x"]).may_equal(&text(&["a"])));
        assert!(!text(&["a", "$x", "b"]).may_equal(&text(&["a"])));
    }

    #[test]
    fn the_last_part_of_an_arn_is_a_name() {
        let arn = text(&["arn:aws:sqs:", "$region", ":", "$account", ":", "$stage", "-dead"]);

        assert_eq!(arn.after_last(':'), text(&["$stage", "-dead"]));
    }
}
