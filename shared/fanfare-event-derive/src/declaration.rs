//! A struct and its `#[event(...)]`, checked.

use crate::options::{Options, Pattern};
use crate::template::Template;
use crate::{documentation, serde_attributes};
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::{Error, Fields as SynFields, Ident, ItemStruct, LitStr, Result, Visibility};

/// The longest name of an event type, in bytes: that of an identifier.
const MAX_NAME: usize = 128;

/// An event as it is declared.
pub(crate) struct Declaration {
    pub(crate) ident: Ident,
    pub(crate) visibility: Visibility,
    /// Its name on the wire.
    pub(crate) name: String,
    /// Where that name is written.
    pub(crate) name_span: Span,
    pub(crate) version: u32,
    pub(crate) stream: Template,
    pub(crate) correlation: Template,
    pub(crate) tenant: Option<Template>,
    /// What tools are told of the correlation.
    pub(crate) correlation_described: String,
    pub(crate) summary: String,
    pub(crate) fields: Fields,
}

/// The fields of an event.
pub(crate) struct Fields {
    event: Ident,
    /// Each by its name in Rust, with its name on the wire.
    names: Vec<(Ident, String)>,
}

impl Declaration {
    /// # Errors
    /// What the author has to mend, where it is.
    pub(crate) fn of(item: &ItemStruct, options: TokenStream) -> Result<Self> {
        let fields = Fields::of(item)?;
        serde_attributes::refuse_reserved(&item.attrs)?;
        let options = Options::parse(options)?;
        let missing = |what: &str| Error::new(item.ident.span(), what);
        let example = fields.example();
        let stream = options.stream.ok_or_else(|| {
            let prefix = example.trim_end_matches("_id");
            missing(&format!(
                "an event says which stream it is appended to: \
                 #[event(stream = \"{prefix}-{{{example}}}\", correlation = {example})]"
            ))
        })?;
        let correlation = options.correlation.ok_or_else(|| {
            missing(&format!("an event says what it is about: correlation = {example}"))
        })?;
        let stream = Template::parse(&stream, &fields)?;
        let correlation_described = described(&correlation, &fields)?;
        let correlation = template(&correlation, &fields)?;
        let tenant = options.tenant.map(|tenant| template(&tenant, &fields)).transpose()?;
        let (name, name_span) = match &options.name {
            Some(name) => (checked_name(name)?, name.span()),
            None => (item.ident.unraw().to_string(), item.ident.span()),
        };
        let version = match options.version {
            None => 1,
            Some(version) => match version.base10_parse() {
                Ok(number @ 1..) => number,
                _ => return Err(Error::new(version.span(), "versions are counted from 1")),
            },
        };
        Ok(Self {
            ident: item.ident.clone(),
            visibility: item.vis.clone(),
            name,
            name_span,
            version,
            stream,
            correlation,
            tenant,
            correlation_described,
            summary: documentation::summary(&item.attrs),
            fields,
        })
    }
}

/// The text that a pattern makes.
fn template(pattern: &Pattern, fields: &Fields) -> Result<Template> {
    match pattern {
        Pattern::Field(field) => Template::of_field(field, fields),
        Pattern::Template(text) => Template::parse(text, fields),
    }
}

/// What tools are told of a pattern: a field's name on the wire, or a text with such names in braces.
fn described(pattern: &Pattern, fields: &Fields) -> Result<String> {
    match pattern {
        Pattern::Field(field) => fields.wire_name(field),
        Pattern::Template(text) => Ok(Template::parse(text, fields)?.described()),
    }
}

impl Fields {
    /// # Errors
    /// When the struct has type parameters, or no named fields.
    fn of(item: &ItemStruct) -> Result<Self> {
        if !item.generics.params.is_empty() {
            let message = "an event has one form on the wire, so it has no generics: \
                           declare one event for each form";
            return Err(Error::new_spanned(&item.generics, message));
        }
        let SynFields::Named(named) = &item.fields else {
            return Err(without_fields(&item.ident));
        };
        let mut names = Vec::new();
        for field in &named.named {
            let Some(ident) = &field.ident else { continue };
            let renamed = serde_attributes::renamed(&field.attrs)?;
            let name = renamed.unwrap_or_else(|| camel_case(&ident.unraw().to_string()));
            names.push((ident.clone(), name));
        }
        match names.is_empty() {
            true => Err(without_fields(&item.ident)),
            false => Ok(Self { event: item.ident.clone(), names }),
        }
    }

    /// The name that a field has on the wire.
    ///
    /// # Errors
    /// When there is no such field.
    pub(crate) fn wire_name(&self, field: &Ident) -> Result<String> {
        let found = self.names.iter().find(|(ident, _)| ident == field);
        found.map(|(_, name)| name.clone()).ok_or_else(|| {
            let message = format!("{} has no field `{field}`: {}", self.event, self.list());
            Error::new(field.span(), message)
        })
    }

    /// A field as its declaration writes it.
    pub(crate) fn declared(&self, field: &Ident) -> Option<&Ident> {
        self.names.iter().map(|(ident, _)| ident).find(|ident| *ident == field)
    }

    /// What the fields are, for an error.
    pub(crate) fn list(&self) -> String {
        let names: Vec<_> = self.names.iter().map(|(ident, _)| ident.to_string()).collect();
        format!("it has {}", names.join(", "))
    }

    fn example(&self) -> String {
        self.names.first().map(|(ident, _)| ident.to_string()).unwrap_or_default()
    }
}

fn without_fields(ident: &Ident) -> Error {
    let message = format!(
        "an event has named fields, one of which says what it is about: struct {ident} {{ room_id: RoomId }}"
    );
    Error::new(ident.span(), message)
}

fn checked_name(name: &LitStr) -> Result<String> {
    let value = name.value();
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
    match (1..=MAX_NAME).contains(&value.len()) && value.bytes().all(is_allowed) {
        true => Ok(value),
        false => {
            let message =
                format!("an event type is 1 to {MAX_NAME} of the characters A-Z a-z 0-9 . _ : -");
            Err(Error::new(name.span(), message))
        }
    }
}

/// A field's name as serde's `camelCase` writes it.
fn camel_case(field: &str) -> String {
    let mut name = String::new();
    let mut is_upper = false;
    for c in field.chars() {
        match c {
            '_' => is_upper = !name.is_empty(),
            _ if is_upper => {
                name.push(c.to_ascii_uppercase());
                is_upper = false;
            }
            _ => name.push(c),
        }
    }
    name
}
