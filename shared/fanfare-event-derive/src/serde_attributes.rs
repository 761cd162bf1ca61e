//! What an item says to serde itself, as far as it matters here.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, Error, Expr, LitStr, Result, Token};

/// Refuses what the declaration decides: the case of names, and where serde is found.
pub(crate) fn refuse_reserved(attributes: &[Attribute]) -> Result<()> {
    each(attributes, |meta| {
        if meta.path.is_ident("rename_all") {
            let message = "an event's fields are camelCase on the wire: rename single fields by \
                           `#[serde(rename = \"...\")]`";
            return Err(Error::new_spanned(&meta.path, message));
        }
        if meta.path.is_ident("crate") {
            return Err(Error::new_spanned(&meta.path, "the declaration finds serde by itself"));
        }
        skip_value(meta)
    })
}

/// Whether an item says by itself how its names are written.
pub(crate) fn renames_all(attributes: &[Attribute]) -> Result<bool> {
    let mut found = false;
    each(attributes, |meta| {
        found |= meta.path.is_ident("rename_all");
        skip_value(meta)
    })?;
    Ok(found)
}

/// The name that `#[serde(rename = "...")]` gives a field.
pub(crate) fn renamed(attributes: &[Attribute]) -> Result<Option<String>> {
    let mut name = None;
    each(attributes, |meta| {
        if meta.path.is_ident("rename") && meta.input.peek(Token![=]) {
            name = Some(meta.value()?.parse::<LitStr>()?.value());
            return Ok(());
        }
        skip_value(meta)
    })?;
    Ok(name)
}

fn each(
    attributes: &[Attribute],
    mut look: impl FnMut(&ParseNestedMeta<'_>) -> Result<()>,
) -> Result<()> {
    let mut serde = attributes.iter().filter(|attribute| attribute.path().is_ident("serde"));
    serde.try_for_each(|attribute| attribute.parse_nested_meta(|meta| look(&meta)))
}

/// Passes over a value, or a list in parentheses: serde reads it.
fn skip_value(meta: &ParseNestedMeta<'_>) -> Result<()> {
    if meta.input.peek(Token![=]) {
        meta.value()?.parse::<Expr>()?;
    } else if meta.input.peek(syn::token::Paren) {
        meta.parse_nested_meta(|inner| skip_value(&inner))?;
    }
    Ok(())
}
