//! What a function consists of: its code, and what runs it.

use std::path::PathBuf;

use fanfare_template::{Declaration, Kind, Problem};

use super::super::loader::normalise;
use super::super::properties::{Properties, Property};
use super::super::scope::Scope;
use super::super::stack::Runtime;

/// Bytes of inline code that can be handed to an interpreter.
const MOST_INLINE: usize = 100_000;

/// Code, and what runs it.
pub(super) struct Code {
    /// Its folder, absolute; of inline code the template's.
    pub(super) folder: PathBuf,
    pub(super) inline: Option<String>,
    pub(super) handler: String,
    runtime: Property,
}

impl Code {
    pub(super) fn of_serverless(
        scope: &Scope<'_>,
        resource: &Declaration,
        properties: &mut Properties,
    ) -> Result<Self, Problem> {
        check_package(resource, properties)?;
        match properties.take("InlineCode") {
            Some(code) => {
                properties.ignore(&["CodeUri"]);
                Self::inline(scope, &code, properties)
            }
            None => {
                let code = properties.require("CodeUri")?;
                Self::in_folder(scope, &code, properties)
            }
        }
    }

    pub(super) fn of_plain(
        scope: &Scope<'_>,
        resource: &Declaration,
        properties: &mut Properties,
    ) -> Result<Self, Problem> {
        check_package(resource, properties)?;
        let code = properties.require("Code")?;
        let inline = match &code.value.kind {
            Kind::Map(_) => code.fields()?.take("ZipFile"),
            _ => None,
        };
        match inline {
            Some(inline) => Self::inline(scope, &inline, properties),
            None => Self::in_folder(scope, &code, properties),
        }
    }

    /// What runs it. Asked for last: a function whose runtime there is not here can't run, and what else is wrong with
    /// it is known by then.
    pub(super) fn runtime(&self) -> Result<Runtime, Problem> {
        let name = self.runtime.text()?;
        let other =
            || self.runtime.unsupported(format!("is {name}, for which there is no runtime here"));
        let runtime = Runtime::named(name).ok_or_else(other)?;
        match runtime {
            Runtime::Binary if self.inline.is_some() => {
                Err(self.runtime.fault(format!("is {name}, which has no inline code")))
            }
            Runtime::Binary => Ok(runtime),
            _ if self.handler.is_empty() => {
                Err(self.runtime.fault(format!("is {name}, which needs a Handler beside it")))
            }
            _ => Ok(runtime),
        }
    }

    fn inline(
        scope: &Scope<'_>,
        code: &Property,
        properties: &mut Properties,
    ) -> Result<Self, Problem> {
        let text = code.text()?.to_owned();
        if text.len() > MOST_INLINE {
            return Err(code.unsupported(format!(
                "is of {} bytes; the local runner takes {MOST_INLINE} of inline code",
                text.len()
            )));
        }
        Self::of(scope.local.folder.to_owned(), Some(text), properties)
    }

    fn in_folder(
        scope: &Scope<'_>,
        code: &Property,
        properties: &mut Properties,
    ) -> Result<Self, Problem> {
        let folder = normalise(&scope.local.folder.join(local_path(code)?));
        Self::of(folder, None, properties)
    }

    fn of(
        folder: PathBuf,
        inline: Option<String>,
        properties: &mut Properties,
    ) -> Result<Self, Problem> {
        let handler = properties.text("Handler")?.unwrap_or_default();
        Ok(Self { folder, inline, handler, runtime: properties.require("Runtime")? })
    }
}

/// A container image has neither code nor runtime that could be looked at.
fn check_package(resource: &Declaration, properties: &mut Properties) -> Result<(), Problem> {
    match properties.text("PackageType")?.as_deref() {
        None | Some("Zip") => Ok(()),
        Some(_) => Err(Problem::unsupported(
            resource.place,
            "is a container image, and there are no containers here",
        )),
    }
}

fn local_path(code: &Property) -> Result<&str, Problem> {
    let elsewhere = || {
        code.unsupported(
            "must be a path on this machine: the local runner fetches and unpacks nothing",
        )
    };
    match &code.value.kind {
        Kind::Map(_) | Kind::List(_) | Kind::Null => Err(elsewhere()),
        _ => match code.text()? {
            path if path.is_empty() || path.contains("://") => Err(elsewhere()),
            path => Ok(path),
        },
    }
}
