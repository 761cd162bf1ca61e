//! `fanfare new consumer`: a function with its handler and test, and all that its template needs.

use crate::changes::Changes;
use crate::code::Code;
use crate::declared::DeclaredEvent;
use crate::{CrateName, EventName, Layout, NewError, NewEvent, TableKey, sample, template_text};
use fanfare_event::Catalogue;
use fanfare_template::{Inputs, Setting, Template};
use std::path::Path;

/// A consumer that a project is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsumer {
    /// Its name.
    pub name: CrateName,
    /// The event that it acts on.
    pub on: EventName,
    /// The event that it announces; one that does not exist is declared.
    pub emits: Option<EventName>,
    /// The table that it keeps, by a field of the event.
    pub table: Option<TableKey>,
}

impl NewConsumer {
    /// What is to be written.
    ///
    /// # Errors
    /// [`NewError`].
    pub fn changes(&self, project: &Layout) -> Result<Changes, NewError> {
        self.after(project, &Changes::default())
    }

    pub(crate) fn after(&self, project: &Layout, under_way: &Changes) -> Result<Changes, NewError> {
        let folder = project.root.join("functions").join(self.name.to_string());
        if folder.exists() {
            return match self.is_in(project)? {
                true => Ok(Changes::default()),
                false => Err(NewError::OtherConsumer(self.name.to_string())),
            };
        }
        let (_, declared) = project.declared(under_way)?;
        let on = declared.event(&self.on.to_string()).ok_or_else(|| NewError::UnknownEvent {
            name: self.on.to_string(),
            known: names(declared.events.iter().map(|event| event.name.as_str())),
        })?;
        self.check_key(on)?;
        let mut changes = under_way.clone();
        let emits = match &self.emits {
            Some(name) => Some(match declared.event(&name.to_string()) {
                Some(event) => event.clone(),
                None => self.declare(name, on, project, &mut changes)?,
            }),
            None => None,
        };
        self.add_crate(&folder, on, emits.as_ref(), project, &mut changes)?;
        self.add_to_template(project, &mut changes)?;

        let batch = serde_json::to_string_pretty(&sample::batch(on))?;
        let file = project.root.join("samples").join(format!("{}.json", self.name));
        changes.create(file, format!("{batch}\n"));
        Ok(changes)
    }

    /// Whether the project has it as it is asked for, whatever became of its handler.
    fn is_in(&self, project: &Layout) -> Result<bool, NewError> {
        let text = project.text(&project.template, &Changes::default())?;
        let refused =
            |problem: String| NewError::Template { template: project.template.clone(), problem };
        let template = Template::read(&text, &Inputs::default());
        let known = template.map_err(|error| refused(error.to_string()))?.known();
        let properties = |part: &str| {
            let id = format!("{}{part}", self.name.logical_id());
            let resource = known.resources.iter().find(|resource| resource.id == id);
            resource.map(|resource| &resource.properties)
        };
        let (Some(subscription), Some(function)) =
            (properties("Subscription"), properties("Function"))
        else {
            return Ok(false);
        };
        let types = subscription.find(&["FilterPolicy", "eventType"]).known();
        let on = self.on.to_string();
        let hears =
            types.is_some_and(|types| types.each().iter().any(|one| one.as_known() == Some(&on)));
        let has = |variable: &str| {
            function.find_text(&["Environment", "Variables", variable]) != Setting::Absent
        };
        let table = self.table.as_ref().map(|table| format!("{}_TABLE", table.constant()));
        Ok(hears
            && table.is_none_or(|table| has(&table))
            && (self.emits.is_none() || has("EVENTS_TABLE")))
    }

    fn check_key(&self, on: &DeclaredEvent) -> Result<(), NewError> {
        let Some(TableKey { key, .. }) = &self.table else { return Ok(()) };
        match on.field(key) {
            Some(field) if field.kind == "String" => Ok(()),
            _ => Err(NewError::Key {
                event: on.name.clone(),
                key: key.clone(),
                fields: names(on.fields.iter().map(|field| field.name.as_str())),
            }),
        }
    }

    /// Declares the event that it announces: about the same thing, on a stream of its own.
    fn declare(
        &self,
        name: &EventName,
        on: &DeclaredEvent,
        project: &Layout,
        changes: &mut Changes,
    ) -> Result<DeclaredEvent, NewError> {
        let key = self.table.as_ref().map(|table| table.key.as_str());
        let about = key.and_then(|key| on.field(key)).or_else(|| on.fields.first());
        let event = NewEvent {
            name: name.clone(),
            summary: None,
            fields: about.cloned().into_iter().collect(),
            stream: Some(self.name.to_string()),
        };
        changes.then(event.after(project, changes)?);
        Ok(event.declared())
    }

    fn add_crate(
        &self,
        folder: &Path,
        on: &DeclaredEvent,
        emits: Option<&DeclaredEvent>,
        project: &Layout,
        changes: &mut Changes,
    ) -> Result<(), NewError> {
        let code = Code {
            name: &self.name,
            function: &self.name.snake(),
            events_crate: &project.events_crate(changes)?,
            on,
            emits,
            table: self.table.as_ref(),
        };
        changes.create(folder.join("Cargo.toml"), code.manifest()?);
        changes.create(folder.join("src/main.rs"), code.main()?);
        changes.create(folder.join("src/lib.rs"), code.handler()?);
        changes.create(folder.join("tests").join(format!("{}.rs", code.function)), code.tests()?);
        Ok(())
    }

    fn add_to_template(&self, project: &Layout, changes: &mut Changes) -> Result<(), NewError> {
        let text = project.text(&project.template, changes)?;
        let (_, catalogue) = project.catalogue(changes)?;
        let announces = self.emits.as_ref().map(|event| streams_of(&catalogue, event));
        let block = template_text::Block {
            name: &self.name,
            id: &self.name.logical_id(),
            on: &self.on.to_string(),
            announces: announces.as_deref(),
            table: self.table.as_ref(),
            catalogue: &catalogue,
        };
        let after = template_text::with_consumer(&project.template, &text, &block)?;
        changes.replace(project.template.clone(), text, after);
        Ok(())
    }
}

/// The streams of an event, as a role names them: `room-*` of `room-{room}`. One that the catalogue has not yet is on any.
fn streams_of(catalogue: &Catalogue, event: &EventName) -> String {
    let event = catalogue.get(&event.to_string());
    match event.map(|event| event.stream.split_once('{').ok_or(&*event.stream)) {
        Some(Ok((start, _))) => format!("{start}*"),
        Some(Err(whole)) => whole.to_owned(),
        None => "*".to_owned(),
    }
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
