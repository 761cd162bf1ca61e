//! The traits that every event and every part of one has.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, Path, Result, Token};

/// The attributes that give an item what it does not derive itself: `Debug`, `Clone`, `PartialEq`, and serde's two
/// traits, found through the platform.
///
/// # Errors
/// When a `derive` of its own can't be read.
pub(crate) fn attributes(
    own: &[Attribute],
    support: &TokenStream,
    is_camel_case: bool,
) -> Result<TokenStream> {
    let own = derived(own)?;
    let missing = |name: &&(&str, TokenStream)| !own.iter().any(|derived| derived == name.0);
    let traits = [
        ("Debug", quote!(::std::fmt::Debug)),
        ("Clone", quote!(::std::clone::Clone)),
        ("PartialEq", quote!(::std::cmp::PartialEq)),
        ("Serialize", quote!(#support::serde::Serialize)),
        ("Deserialize", quote!(#support::serde::Deserialize)),
    ];
    let traits = traits.iter().filter(missing).map(|(_, path)| path);
    let serde = format!("{support}::serde").replace(' ', "");
    let case = is_camel_case.then(|| quote!(, rename_all = "camelCase"));
    Ok(quote! {
        #[derive(#(#traits),*)]
        #[serde(crate = #serde #case)]
    })
}

/// The names of the traits that an item derives itself.
fn derived(attributes: &[Attribute]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let paths = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)?;
        let last = |path: &Path| path.segments.last().map(|segment| segment.ident.to_string());
        names.extend(paths.iter().filter_map(last));
    }
    Ok(names)
}
