//! The code of one event.

use crate::declaration::Declaration;
use crate::{derives, platform};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Item, ItemStruct, Result};

/// What `#[event(...)]` on an item of its own becomes.
///
/// # Errors
/// What the author has to mend, where it is.
pub(crate) fn expand(options: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let item = declared_struct(syn::parse2(item)?)?;
    let declaration = Declaration::of(&item, options)?;
    code(&item, &declaration, &platform::support()?)
}

/// The struct that an item is.
///
/// # Errors
/// When it is something else.
pub(crate) fn declared_struct(item: Item) -> Result<ItemStruct> {
    match item {
        Item::Struct(item) => Ok(item),
        Item::Enum(item) => {
            let message = "an event is a struct: declare one for each variant, or give a struct a field of this type";
            Err(Error::new(item.ident.span(), message))
        }
        other => Err(Error::new_spanned(other, "an event is a struct with named fields")),
    }
}

/// The struct with all that it derives, and what the platform must know of it.
pub(crate) fn code(
    item: &ItemStruct,
    declaration: &Declaration,
    support: &TokenStream,
) -> Result<TokenStream> {
    let derives = derives::attributes(&item.attrs, support, true)?;
    let Declaration { ident, name, version, stream, correlation, tenant, fields, .. } = declaration;
    let (stream, correlation) = (stream.expression(fields), correlation.expression(fields));
    let tenant = tenant.as_ref().map(|tenant| {
        let tenant = tenant.expression(fields);
        quote! {
            fn tenant(&self) -> ::std::option::Option<::std::string::String> {
                ::std::option::Option::Some(#tenant)
            }
        }
    });
    Ok(quote! {
        #derives
        #item

        #[automatically_derived]
        impl #support::EventType for #ident {
            const TYPE: &'static str = #name;
            const VERSION: u32 = #version;

            fn stream(&self) -> ::std::string::String {
                #stream
            }

            fn correlation_id(&self) -> ::std::string::String {
                #correlation
            }

            #tenant
        }
    })
}
