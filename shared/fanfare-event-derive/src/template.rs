//! Texts with fields in braces, such as `room-{room_id}`.

use crate::declaration::Fields;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Error, Ident, LitStr, Result};

/// A text with fields in braces, each of which the event has.
pub(crate) struct Template {
    pieces: Vec<Piece>,
}

enum Piece {
    Text(String),
    Field { ident: Ident, wire_name: String },
}

impl Template {
    /// The template of one field alone.
    pub(crate) fn of_field(field: &Ident, fields: &Fields) -> Result<Self> {
        let wire_name = fields.wire_name(field)?;
        Ok(Self { pieces: vec![Piece::Field { ident: field.clone(), wire_name }] })
    }

    /// Reads a template.
    ///
    /// # Errors
    /// When a brace stands alone, a field is none of the event's, or a character can't be in a stream's name.
    pub(crate) fn parse(text: &LitStr, fields: &Fields) -> Result<Self> {
        let value = text.value();
        let mut pieces = Vec::new();
        let mut rest = value.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            pieces.push(plain(before, text)?);
            let unclosed = || Error::new(text.span(), "`{` has no `}`");
            let (field, after) = after.split_once('}').ok_or_else(unclosed)?;
            pieces.push(placeholder(field, text, fields)?);
            rest = after;
        }
        pieces.push(plain(rest, text)?);
        pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
        match pieces.is_empty() {
            true => Err(Error::new(
                text.span(),
                "this is empty: a text such as \"room-{room_id}\" is expected",
            )),
            false => Ok(Self { pieces }),
        }
    }

    /// The template as tools are told it: with the names that fields have on the wire.
    pub(crate) fn described(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Field { wire_name, .. } => format!("{{{wire_name}}}"),
        };
        self.pieces.iter().map(piece).collect()
    }

    /// The expression that fills it in, of `&self`. A field that can't be a text is blamed where it is declared.
    pub(crate) fn expression(&self, fields: &Fields) -> TokenStream {
        let format: String = self.pieces.iter().map(Piece::placeholder).collect();
        let values = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Field { ident, .. } => {
                let declared = fields.declared(ident).unwrap_or(ident);
                Some(quote_spanned!(declared.span()=> self.#declared))
            }
        });
        quote!(::std::format!(#format #(, #values)*))
    }
}

impl Piece {
    fn placeholder(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Field { .. } => "{}",
        }
    }
}

/// A piece between fields.
fn plain(piece: &str, text: &LitStr) -> Result<Piece> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
    match piece.chars().find(|c| !is_allowed(*c)) {
        None => Ok(Piece::Text(piece.to_owned())),
        Some('}') => Err(Error::new(text.span(), "`}` has no `{`")),
        Some(other) => {
            let message =
                format!("{other:?} can't be here: outside braces A-Z a-z 0-9 . _ : - can");
            Err(Error::new(text.span(), message))
        }
    }
}

fn placeholder(name: &str, text: &LitStr, fields: &Fields) -> Result<Piece> {
    let ident = syn::parse_str::<Ident>(name).map_err(|_| {
        let message = format!("`{{{name}}}` names no field: {}", fields.list());
        Error::new(text.span(), message)
    })?;
    let ident = Ident::new(&ident.to_string(), text.span());
    let wire_name = fields.wire_name(&ident)?;
    Ok(Piece::Field { ident, wire_name })
}
