//! The events that a project declares, read from its code, and where the next one goes.

use crate::{Field, NewError};
use std::path::Path;
use syn::spanned::Spanned;
use syn::{Attribute, Fields, Item, ItemMod, ItemStruct};

/// The module of events in a file.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) events: Vec<DeclaredEvent>,
    /// Where the module's closing brace is, in bytes.
    end: usize,
}

/// An event that is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeclaredEvent {
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
}

impl Declared {
    /// The events of a file; `None` when it declares none.
    pub(crate) fn read(file: &Path, text: &str) -> Result<Option<Self>, NewError> {
        let code = syn::parse_file(text)
            .map_err(|source| NewError::Code { file: file.to_owned(), source })?;
        Ok(code.items.iter().find_map(|item| match item {
            Item::Mod(module) => Self::of_module(module),
            _ => None,
        }))
    }

    fn of_module(module: &ItemMod) -> Option<Self> {
        attribute(&module.attrs, "catalogue")?;
        let (brace, items) = module.content.as_ref()?;
        let events = items.iter().filter_map(|item| match item {
            Item::Struct(item) => DeclaredEvent::of(item),
            _ => None,
        });
        Some(Self { events: events.collect(), end: brace.span.close().byte_range().start })
    }

    pub(crate) fn event(&self, name: &str) -> Option<&DeclaredEvent> {
        self.events.iter().find(|event| event.name == name)
    }

    /// The file with one more declaration at the module's end, set apart by an empty line.
    pub(crate) fn with(&self, text: &str, declaration: &str) -> String {
        let (before, after) = text.split_at(self.end);
        let gap = if before.trim_end().ends_with('{') { "" } else { "\n" };
        format!("{}\n{gap}{declaration}{after}", before.trim_end())
    }
}

impl DeclaredEvent {
    fn of(item: &ItemStruct) -> Option<Self> {
        attribute(&item.attrs, "event")?;
        let Fields::Named(fields) = &item.fields else { return None };
        let field = |field: &syn::Field| {
            let kind = field.ty.span().source_text()?;
            Some(Field { name: field.ident.as_ref()?.to_string(), kind })
        };
        Some(Self {
            name: item.ident.to_string(),
            fields: fields.named.iter().filter_map(field).collect(),
        })
    }

    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

fn attribute<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    let is = |attribute: &&Attribute| {
        attribute.path().segments.last().is_some_and(|segment| segment.ident == name)
    };
    attributes.iter().find(is)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "\
//! Events.

#[fanfare::catalogue(HouseEvent)]
pub mod events {
    /// A comment that stays.
    #[event(stream = \"room-{room}\", correlation = room)]
    pub struct TemperatureMeasured {
        /// The room.
        pub room: String,
        /// Several.
        pub celsius: Vec<f64>,
    }

    struct NoEvent;
}

pub use events::*;
";

    #[test]
    fn events_and_their_fields_are_read_and_a_new_one_goes_to_the_modules_end() {
        let declared = Declared::read("lib.rs".as_ref(), CODE).expect("Rust").expect("a catalogue");

        let [event] = &*declared.events else { unreachable!("one event: {declared:?}") };
        assert_eq!(event.name, "TemperatureMeasured");
        assert_eq!(event.field("celsius").expect("a field").kind, "Vec<f64>");
        let after = declared.with(CODE, "    pub struct Added;\n");
        assert_eq!(after, CODE.replace("NoEvent;\n}", "NoEvent;\n\n    pub struct Added;\n}"));
    }

    #[test]
    fn code_that_does_not_parse_is_named() {
        let refused = Declared::read("lib.rs".as_ref(), "pub mod {").expect_err("no Rust");
        assert!(refused.to_string().contains("lib.rs can't be read as Rust"), "{refused}");
    }
}
