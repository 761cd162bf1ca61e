//! Where the generated code finds the platform: in `fanfare-event` or in `fanfare`, by whatever name the caller's
//! manifest gives it.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, Ident, Result};

/// Either will do: each has the same `macro_support`.
const CRATES: [&str; 2] = ["fanfare-event", "fanfare"];

/// The path to all that the generated code names.
///
/// # Errors
/// When the caller's crate depends on neither.
pub(crate) fn support() -> Result<TokenStream> {
    let found = CRATES.iter().find_map(|name| Some((name, crate_name(name).ok()?)));
    let name = match found {
        Some((_, FoundCrate::Name(name))) => name,
        // Its own tests and examples, and its library, which calls itself by this name too.
        Some((name, FoundCrate::Itself)) => name.replace('-', "_"),
        None => {
            let message = "this crate depends on no `fanfare`: add `fanfare` to its dependencies";
            return Err(Error::new(Span::call_site(), message));
        }
    };
    let name = Ident::new(&name, Span::call_site());
    Ok(quote!(::#name::macro_support))
}
