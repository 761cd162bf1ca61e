//! What stands in the parentheses of `#[event(...)]`.

use proc_macro2::TokenStream;
use syn::meta::{ParseNestedMeta, parser};
use syn::parse::Parser;
use syn::{Error, Ident, LitInt, LitStr, Result, Token};

/// The options as they were written.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) stream: Option<LitStr>,
    pub(crate) correlation: Option<Pattern>,
    pub(crate) tenant: Option<Pattern>,
    pub(crate) name: Option<LitStr>,
    pub(crate) version: Option<LitInt>,
}

/// What is made of an event's fields.
pub(crate) enum Pattern {
    /// One field.
    Field(Ident),
    /// A text with fields in braces.
    Template(LitStr),
}

impl Options {
    /// # Errors
    /// When an option is unknown, given twice, or has a value of another kind.
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        let mut options = Self::default();
        parser(|meta| options.take(&meta)).parse2(tokens)?;
        Ok(options)
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let is = |name| meta.path.is_ident(name);
        if is("stream") {
            once(&mut self.stream, meta, || text(meta, "a text such as \"room-{room_id}\""))
        } else if is("correlation") {
            once(&mut self.correlation, meta, || pattern(meta))
        } else if is("tenant") {
            once(&mut self.tenant, meta, || pattern(meta))
        } else if is("name") {
            once(&mut self.name, meta, || text(meta, "a text such as \"TemperatureMeasured\""))
        } else if is("version") {
            once(&mut self.version, meta, || version(meta))
        } else {
            Err(meta.error(
                "unknown option: an event has `stream`, `correlation`, `tenant`, `name` and `version`",
            ))
        }
    }
}

/// Sets an option that may be given once.
fn once<T>(
    place: &mut Option<T>,
    meta: &ParseNestedMeta<'_>,
    value: impl FnOnce() -> Result<T>,
) -> Result<()> {
    if place.is_some() {
        return Err(meta.error("this option is given twice"));
    }
    *place = Some(value()?);
    Ok(())
}

fn text(meta: &ParseNestedMeta<'_>, expected: &str) -> Result<LitStr> {
    let value = meta.value()?;
    value.parse().map_err(|error| Error::new(error.span(), format!("expected {expected}")))
}

fn pattern(meta: &ParseNestedMeta<'_>) -> Result<Pattern> {
    let value = meta.value()?;
    if value.peek(LitStr) {
        return Ok(Pattern::Template(value.parse()?));
    }
    let field = value.parse().map(Pattern::Field);
    field.map_err(|error| {
        let expected = "expected a field such as room_id, or a text such as \"{house}-{room}\"";
        Error::new(error.span(), expected)
    })
}

fn version(meta: &ParseNestedMeta<'_>) -> Result<LitInt> {
    let value = meta.value()?;
    if value.peek(Token![-]) || !value.peek(LitInt) {
        return Err(value.error("expected a number such as 2"));
    }
    value.parse()
}
