//! `fanfare new event`: a declaration, its entry in the catalogue, a sample.

use crate::changes::Changes;
use crate::declared::DeclaredEvent;
use crate::sample;
use crate::{EventName, Field, Layout, NewError};
use fanfare_event::{Catalogue, EventDescription};
use std::fmt::Write as _;

/// An event that a project is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Its name.
    pub name: EventName,
    /// What happened, as a sentence; `None`: the name's words.
    pub summary: Option<String>,
    /// What is told of it. The first one is what it is about: events about the same are in one stream, in order.
    pub fields: Vec<Field>,
    /// What its stream begins with; `None`: what it is about. Each service has streams of its own.
    pub stream: Option<String>,
}

impl NewEvent {
    /// What is to be written. An event that is declared like this is left as it is.
    ///
    /// # Errors
    /// [`NewError`].
    pub fn changes(&self, project: &Layout) -> Result<Changes, NewError> {
        self.after(project, &Changes::default())
    }

    pub(crate) fn after(&self, project: &Layout, under_way: &Changes) -> Result<Changes, NewError> {
        let subject = self.subject()?;
        let mut changes = Changes::default();
        let (text, declared) = project.declared(under_way)?;
        if let Some(event) = declared.event(&self.name.to_string()) {
            return match event.fields == self.fields {
                true => Ok(changes),
                false => Err(NewError::OtherEvent(self.name.to_string())),
            };
        }
        let after = declared.with(&text, &self.declaration(subject));
        changes.replace(project.events.clone(), text, after);

        let (text, catalogue) = project.catalogue(under_way)?;
        let after = self.listed_in(&catalogue, subject)?.to_json()?;
        changes.replace(project.catalogue.clone(), text, after);

        let payload = sample::payload(&self.declared());
        let file = project.root.join(self.name.sample());
        changes.create(file, format!("{}\n", serde_json::to_string_pretty(&payload)?));
        Ok(changes)
    }

    pub(crate) fn declared(&self) -> DeclaredEvent {
        DeclaredEvent { name: self.name.to_string(), fields: self.fields.clone() }
    }

    /// What it is about.
    fn subject(&self) -> Result<&Field, NewError> {
        let event = self.name.to_string();
        let Some(subject) = self.fields.first() else { return Err(NewError::NoField(event)) };
        if !subject.is_subject() {
            return Err(NewError::Subject { event, field: subject.name.clone() });
        }
        let twice = |(at, field): (usize, &Field)| {
            let names = self.fields.iter().take(at).map(|field| &field.name);
            names.clone().any(|name| *name == field.name).then(|| field.name.clone())
        };
        match self.fields.iter().enumerate().find_map(twice) {
            Some(name) => Err(NewError::TwiceAField(name)),
            None => Ok(subject),
        }
    }

    fn summary(&self) -> String {
        self.summary.clone().unwrap_or_else(|| self.name.sentence())
    }

    fn stream_prefix(&self, subject: &Field) -> String {
        self.stream.clone().unwrap_or_else(|| subject.stream_prefix())
    }

    fn declaration(&self, subject: &Field) -> String {
        let (summary, name, about) = (self.summary(), &self.name, &subject.name);
        let stream = format!("{}-{{{about}}}", self.stream_prefix(subject));
        let mut code = format!(
            "    /// {summary}\n    #[event(stream = {stream:?}, correlation = {about})]\n    pub struct {name} {{\n"
        );
        for field in &self.fields {
            let (words, name, kind) = (field.words(), &field.name, &field.kind);
            // Writing to a text can't fail.
            write!(code, "        /// The {words}.\n        pub {name}: {kind},\n")
                .unwrap_or_default();
        }
        code + "    }\n"
    }

    fn listed_in(&self, catalogue: &Catalogue, subject: &Field) -> Result<Catalogue, NewError> {
        let about = subject.wire_name();
        let event = EventDescription {
            event_type: self.name.to_string().into(),
            version: 1,
            stream: format!("{}-{{{about}}}", self.stream_prefix(subject)).into(),
            correlation: about.into(),
            summary: self.summary().into(),
        };
        let events: Vec<_> = catalogue.events().iter().cloned().chain([event]).collect();
        Ok(Catalogue::new(events)?)
    }
}
