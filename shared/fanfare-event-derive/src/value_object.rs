//! The code of a part of events: a struct or an enum that has no identity of its own, such as a line of an order.

use crate::{derives, platform, serde_attributes};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Error, Item, Result};

/// What `#[value_object]` on an item of its own becomes.
///
/// # Errors
/// When it is no struct or enum.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> Result<TokenStream> {
    if !options.is_empty() {
        return Err(Error::new_spanned(options, "a value object has no options"));
    }
    code(&syn::parse2(item)?, &platform::support()?)
}

/// The item with all that it derives. Names are camelCase unless it says otherwise.
pub(crate) fn code(item: &Item, support: &TokenStream) -> Result<TokenStream> {
    let own = attributes(item)?;
    let is_camel_case = !serde_attributes::renames_all(own)?;
    let derives = derives::attributes(own, support, is_camel_case)?;
    Ok(quote!(#derives #item))
}

fn attributes(item: &Item) -> Result<&[Attribute]> {
    match item {
        Item::Struct(item) => Ok(&item.attrs),
        Item::Enum(item) => Ok(&item.attrs),
        other => Err(Error::new_spanned(other, "a value object is a struct or an enum")),
    }
}
