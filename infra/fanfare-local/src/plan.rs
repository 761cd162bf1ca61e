//! What a template comes down to on this machine, before anything is started: what would run, what keeps it from
//! running, what is left out, and what differs from AWS.

use fanfare_template::roles::Roles;
use fanfare_template::{Kind, Known, Piece, Text, Value};

use crate::error::StartError;
use crate::functions::{Places, Program};
use crate::http_api::Routes;
use crate::options::Options;
use crate::template::stack::Route;
use crate::template::{self, Context, Fault, Faults, Loaded, Stack, TemplateError};
use crate::{differences, ports};

/// What a template comes down to.
#[derive(Debug)]
pub struct Plan {
    /// What would run. Where there are faults, what is left without what is wrong.
    pub stack: Stack,
    /// What keeps it from running; `None` if nothing does.
    pub faults: Option<Faults>,
    /// What [`Options::skip_unsupported`] leaves out.
    pub left_out: Vec<LeftOut>,
    /// What runs otherwise than on AWS.
    pub differences: Vec<Fault>,
    /// The functions' programs, in the stack's order, as far as they are there.
    pub(crate) programs: Vec<Program>,
}

/// Something that is left out of a template because it can't run here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// What it is, where, and why it can't run.
    pub fault: Fault,
    /// The resources that use it, if it is a resource as a whole.
    pub used_by: Vec<String>,
}

/// Where a stack's services are, as its functions are told.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    pub(crate) endpoint: String,
    pub(crate) api: String,
}

/// Reads a template as [`Runner::start`](crate::Runner::start) would, and starts nothing.
///
/// # Errors
/// When the template's file can't be read.
///
/// ```
/// use fanfare_local::{FaultKind, Options, check};
///
/// let file = tempfile::NamedTempFile::new()?;
/// std::fs::write(&file, "Resources: { Files: { Type: AWS::S3::Bucket } }")?;
///
/// let faults = check(&Options::new(file.path()))?.faults.expect("there is no S3 here");
///
/// assert_eq!(faults.all[0].kind, FaultKind::Resource);
/// assert_eq!(faults.all[0].resource.as_deref(), Some("Files"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check(options: &Options) -> Result<Plan, TemplateError> {
    let addresses =
        Addresses { endpoint: ports::url(options.port), api: ports::url(options.api_port) };
    Plan::of(options, &addresses)
}

impl Plan {
    pub(crate) fn of(options: &Options, addresses: &Addresses) -> Result<Self, TemplateError> {
        let context = Context {
            stack_name: options.stack_name.clone(),
            region: options.region.clone(),
            account_id: options.account.clone(),
            endpoint: addresses.endpoint.clone(),
            api_endpoint: addresses.api.clone(),
            parameters: options.parameters.clone(),
            skip_unsupported: options.skip_unsupported,
        };
        let loaded = template::open(&options.template, &context)?;
        let places = Places::new(options.functions.clone(), &options.template);
        let (programs, missing) = programs(&loaded, &places);
        let faults = loaded.faults().into_iter();
        let faults = faults.chain(roles(&loaded)).chain(routes(&loaded)).chain(missing).collect();
        Ok(Self {
            faults: Faults::of(&options.template, faults),
            left_out: left_out(&loaded),
            differences: differences::of(&loaded, &programs),
            stack: without_strays(loaded.stack),
            programs: programs.into_iter().map(|(_, program)| program).collect(),
        })
    }

    /// The plan, if nothing keeps it from being carried out.
    ///
    /// # Errors
    /// What does.
    pub fn ready(self) -> Result<Self, StartError> {
        match self.faults {
            Some(faults) => Err(TemplateError::Invalid(faults).into()),
            None => Ok(self),
        }
    }
}

/// The functions' programs by their logical ids, and those that there are not.
fn programs(loaded: &Loaded, places: &Places) -> (Vec<(String, Program)>, Vec<Fault>) {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for function in &loaded.stack.functions {
        match Program::find(function, places) {
            Ok(program) => found.push((function.logical_id.clone(), program)),
            Err(error) => {
                let id = &function.logical_id;
                missing.push(Fault::of_program(id, loaded.place(id), &error.to_string()));
            }
        }
    }
    (found, missing)
}

/// What is unclear about what the resources are for.
fn roles(loaded: &Loaded) -> Vec<Fault> {
    let Some(template) = &loaded.template else { return Vec::new() };
    let (_, problems) = Roles::of(&template.known());
    problems.iter().map(Fault::of_role).collect()
}

/// Routes that are not understood.
fn routes(loaded: &Loaded) -> Vec<Fault> {
    let wrong = |route: &Route| {
        let place = loaded.place(&route.function);
        Routes::new(std::slice::from_ref(route)).err()?;
        let message = format!(
            "has the route {:?}, which is not of the form `METHOD /path`, `ANY /path` or `$default`",
            route.key
        );
        Some(Fault::of_resource(&route.function, place, &message))
    };
    loaded.stack.routes.iter().filter_map(wrong).collect()
}

/// Routes and mappings lead to functions that run.
fn without_strays(mut stack: Stack) -> Stack {
    let functions: Vec<_> = stack.functions.iter().map(|one| one.logical_id.clone()).collect();
    stack.routes.retain(|route| functions.contains(&route.function));
    stack.mappings.retain(|mapping| functions.contains(&mapping.function));
    stack
}

fn left_out(loaded: &Loaded) -> Vec<LeftOut> {
    if loaded.left_out.is_empty() {
        return Vec::new();
    }
    let known = loaded.template.as_ref().map(fanfare_template::Template::known);
    let users = |fault: &Fault| match (&fault.resource, &known) {
        (Some(id), Some(known)) if loaded.unread.contains(id) => users(known, id),
        _ => Vec::new(),
    };
    let left_out = loaded.left_out.iter().map(Fault::from);
    left_out.map(|fault| LeftOut { used_by: users(&fault), fault }).collect()
}

/// The resources that refer to another.
fn users(known: &Known, id: &str) -> Vec<String> {
    let others = known.resources.iter().filter(|resource| resource.id != id);
    others
        .filter(|resource| refers(&resource.properties, id))
        .map(|resource| resource.id.clone())
        .collect()
}

fn refers(value: &Value, id: &str) -> bool {
    match &value.kind {
        Kind::Map(fields) => fields.iter().any(|field| refers(&field.value, id)),
        Kind::List(items) => items.iter().any(|item| refers(item, id)),
        Kind::Text { text, .. } | Kind::Json { text, .. } => text_refers(text, id),
        _ => false,
    }
}

fn text_refers(text: &Text, id: &str) -> bool {
    text.pieces().iter().any(|piece| match piece {
        Piece::Reference(other) | Piece::Attribute(other, _) => other == id,
        _ => false,
    })
}
