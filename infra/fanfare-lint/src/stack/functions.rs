//! Lambda functions.

use super::{Owner, Stack};
use fanfare_template::{Piece, Resource, Setting, Text};

const KINDS: &[&str] = &["AWS::Lambda::Function", "AWS::Serverless::Function"];
const ALIASES: &[&str] = &["AWS::Lambda::Alias", "AWS::Lambda::Version"];

/// Seconds that an invocation may take if the template does not say.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html>
const DEFAULT_TIMEOUT: i64 = 3;

impl<'t> Stack<'t> {
    pub(crate) fn functions(&self) -> impl Iterator<Item = &'t Resource> {
        self.of_kinds(KINDS)
    }

    /// The function that this reference, ARN or name means, an alias of it included.
    pub(crate) fn function_of(&self, text: &Text) -> Owner<'t> {
        // `!Ref Function.Alias` is how SAM names the alias that it makes of a function.
        let id = text.resource().map(|id| id.split('.').next().unwrap_or(id));
        let text = match id {
            Some(id) if self.resource(id).is_some() => Text::of(Piece::Reference(id.to_owned())),
            _ => text.clone(),
        };
        let alias = text.resource().and_then(|id| self.resource(id));
        let alias = alias.filter(|resource| ALIASES.contains(&resource.kind.as_str()));
        let of_alias =
            alias.and_then(|alias| alias.properties.find_text(&["FunctionName"]).known());
        self.owner(&of_alias.unwrap_or(text), KINDS, given_name)
    }

    /// The name of a function, of which AWS makes up a part if the template gives none.
    pub(crate) fn function_name(&self, function: &Resource) -> Text {
        given_name(function).unwrap_or_else(|| Text::of(Piece::Reference(function.id.clone())))
    }

    /// A text in which references to named functions are replaced by their names.
    pub(crate) fn with_function_names(&self, text: &Text) -> Text {
        let mut result = Text::default();
        for piece in text.pieces() {
            let function = match piece {
                Piece::Reference(id) => self.functions().find(|function| function.id == *id),
                _ => None,
            };
            match function {
                Some(function) => result.append(self.function_name(function)),
                None => result.push(piece.clone()),
            }
        }
        result
    }
}

fn given_name(function: &Resource) -> Option<Text> {
    function.properties.find_text(&["FunctionName"]).known()
}

/// The seconds that an invocation may take.
pub(crate) fn timeout(function: &Resource) -> Setting<i64> {
    function.properties.number(&["Timeout"]).or_default(DEFAULT_TIMEOUT)
}
