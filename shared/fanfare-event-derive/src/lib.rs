//! The attributes that declare events. They are documented where they are re-exported, in `fanfare-event` and
//! `fanfare`: nobody depends on this crate itself.
//!
//! An attribute's way through the files: `options` reads what stands in its parentheses, `declaration` checks it
//! against the struct (`template` its texts with fields in braces), `event` and `catalogue` write the code.

mod catalogue;
mod declaration;
mod derives;
mod documentation;
mod event;
mod options;
mod platform;
mod serde_attributes;
mod template;
mod value_object;

use proc_macro::TokenStream;
use syn::Error;

/// Declares one event.
#[proc_macro_attribute]
pub fn event(options: TokenStream, item: TokenStream) -> TokenStream {
    event::expand(options.into(), item.into()).unwrap_or_else(Error::into_compile_error).into()
}

/// Declares every event of a system, in a module.
#[proc_macro_attribute]
pub fn catalogue(name: TokenStream, module: TokenStream) -> TokenStream {
    catalogue::expand(name.into(), module.into()).unwrap_or_else(Error::into_compile_error).into()
}

/// Declares a part of events.
#[proc_macro_attribute]
pub fn value_object(options: TokenStream, item: TokenStream) -> TokenStream {
    value_object::expand(options.into(), item.into())
        .unwrap_or_else(Error::into_compile_error)
        .into()
}
