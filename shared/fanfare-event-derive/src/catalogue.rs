//! The code of a catalogue: a module of events, and the enum of all of them.

use crate::declaration::Declaration;
use crate::{event, platform, value_object};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Attribute, Error, Ident, Item, ItemMod, Meta, Result};

/// What `#[catalogue(Name)] mod events { ... }` becomes.
///
/// # Errors
/// What the author has to mend, where it is: all of it, not the first alone.
pub(crate) fn expand(name: TokenStream, module: TokenStream) -> Result<TokenStream> {
    let name: Ident = syn::parse2(name).map_err(|_| {
        let message = "name the enum of all events: #[catalogue(HouseEvent)]";
        Error::new(Span::call_site(), message)
    })?;
    let module: ItemMod = syn::parse2(module)?;
    let Some((_, items)) = module.content else {
        let message = "the events are declared in here: mod events { ... }";
        return Err(Error::new(module.ident.span(), message));
    };
    let support = platform::support()?;
    let mut events = Vec::new();
    let mut errors = Errors::default();
    let mut code = Vec::new();
    for item in items {
        code.push(errors.or_nothing(item_code(item, &support, &mut events)));
    }
    errors.add(names_are_distinct(&events));
    if events.is_empty() && errors.is_empty() {
        let message = "no event is declared in here: mark structs with #[event(...)]";
        errors.add(Err(Error::new(module.ident.span(), message)));
    }
    errors.into_result()?;
    let all = all_events(&name, &events, &support);
    let (attributes, visibility, ident) = (&module.attrs, &module.vis, &module.ident);
    Ok(quote! {
        #(#attributes)*
        #visibility mod #ident {
            #(#code)*
            #all
        }
    })
}

/// The code of one item: an event, a value object, or something else, which stays as it is.
fn item_code(
    mut item: Item,
    support: &TokenStream,
    events: &mut Vec<Declaration>,
) -> Result<TokenStream> {
    if let Some(attribute) = take(&mut item, "event") {
        let options = match attribute.meta {
            Meta::List(list) => list.tokens,
            Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
        };
        let item = event::declared_struct(item)?;
        let declaration = Declaration::of(&item, options)?;
        let code = event::code(&item, &declaration, support)?;
        events.push(declaration);
        return Ok(code);
    }
    match take(&mut item, "value_object") {
        Some(_) => value_object::code(&item, support),
        None => Ok(quote!(#item)),
    }
}

/// Takes an attribute of this name off an item.
fn take(item: &mut Item, name: &str) -> Option<Attribute> {
    let attributes = match item {
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        _ => return None,
    };
    let is_it = |attribute: &Attribute| {
        attribute.path().segments.last().is_some_and(|segment| segment.ident == name)
    };
    let place = attributes.iter().position(is_it)?;
    Some(attributes.remove(place))
}

fn names_are_distinct(events: &[Declaration]) -> Result<()> {
    let mut errors = Errors::default();
    for (n, event) in events.iter().enumerate() {
        if let Some(earlier) = events.iter().take(n).find(|earlier| earlier.name == event.name) {
            let message = format!(
                "{} has the name {:?} on the wire already: give one of them another, by `name = \"...\"`",
                earlier.ident, event.name
            );
            errors.add(Err(Error::new(event.name_span, message)));
        }
    }
    errors.into_result()
}

/// The enum of all events, and what it can tell of them.
fn all_events(name: &Ident, events: &[Declaration], support: &TokenStream) -> TokenStream {
    let variants: Vec<_> = events.iter().map(|event| &event.ident).collect();
    let docs = events.iter().map(|event| match event.summary.is_empty() {
        true => format!("See [`{}`].", event.ident),
        false => event.summary.clone(),
    });
    let descriptions = events.iter().map(|event| description(event, support));
    let count = events.len();
    // An enum that is more public than what it holds would be of no use.
    let visibility = events.first().map(|event| &event.visibility);
    quote! {
        /// Any event of this catalogue, for a consumer that acts on several types.
        #[derive(::std::fmt::Debug, ::std::clone::Clone, ::std::cmp::PartialEq)]
        #visibility enum #name {
            #(#[doc = #docs] #variants(#variants),)*
        }

        impl #name {
            /// The `eventType` of every event in the catalogue, in the order of declaration.
            pub const TYPES: [&'static str; #count] =
                [#(<#variants as #support::EventType>::TYPE),*];

            /// What tools are told of every event in the catalogue, in the order of declaration.
            pub const EVENTS: &'static [#support::EventDescription] = &[#(#descriptions),*];

            /// The catalogue, for the file that tools read.
            pub fn catalogue() -> #support::Catalogue {
                #support::Catalogue::declared(Self::EVENTS)
            }

            /// The event's type, by its name on the wire.
            pub fn event_type(&self) -> &'static str {
                match self {
                    #(Self::#variants(_) => <#variants as #support::EventType>::TYPE,)*
                }
            }

            /// What the event is about: its correlation id.
            pub fn subject(&self) -> ::std::string::String {
                match self {
                    #(Self::#variants(event) => #support::EventType::correlation_id(event),)*
                }
            }

            /// The payload as JSON.
            ///
            /// # Errors
            /// When it has no JSON form, such as a map whose keys are not texts.
            pub fn to_json(
                &self,
            ) -> ::std::result::Result<#support::serde_json::Value, #support::serde_json::Error> {
                match self {
                    #(Self::#variants(event) => #support::serde_json::to_value(event),)*
                }
            }
        }

        #[automatically_derived]
        impl #support::Payload for #name {
            fn decode(
                envelope: &#support::Envelope,
            ) -> ::std::result::Result<Self, #support::SchemaError> {
                match envelope.event_type.as_str() {
                    #(<#variants as #support::EventType>::TYPE => {
                        envelope.decode_as().map(Self::#variants)
                    })*
                    _ => ::std::result::Result::Err(#support::SchemaError::UnknownType {
                        event_type: envelope.event_type.clone(),
                    }),
                }
            }
        }

        #(
            #[automatically_derived]
            impl ::std::convert::From<#variants> for #name {
                fn from(event: #variants) -> Self {
                    Self::#variants(event)
                }
            }
        )*
    }
}

fn description(event: &Declaration, support: &TokenStream) -> TokenStream {
    let Declaration { name, version, correlation_described, summary, .. } = event;
    let stream = event.stream.described();
    let text = |text: &str| quote!(::std::borrow::Cow::Borrowed(#text));
    let (name, stream) = (text(name), text(&stream));
    let (correlation, summary) = (text(correlation_described), text(summary));
    quote! {
        #support::EventDescription {
            event_type: #name,
            version: #version,
            stream: #stream,
            correlation: #correlation,
            summary: #summary,
        }
    }
}

/// All that is wrong, so that one compilation shows it.
#[derive(Default)]
struct Errors(Option<Error>);

impl Errors {
    fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn add(&mut self, result: Result<()>) {
        if let Err(error) = result {
            match &mut self.0 {
                Some(errors) => errors.combine(error),
                None => self.0 = Some(error),
            }
        }
    }

    /// The code, or nothing in the place of what is wrong.
    fn or_nothing(&mut self, result: Result<TokenStream>) -> TokenStream {
        match result {
            Ok(code) => code,
            Err(error) => {
                self.add(Err(error));
                TokenStream::new()
            }
        }
    }

    fn into_result(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
