//! A template's sections, and the transforms that it asks for.

use crate::document::{Content, Entry, Node, Place, Unreadable};
use crate::problem::{Part, Problem, Problems};

pub(super) const SERVERLESS: &str = "AWS::Serverless-2016-10-31";
pub(super) const SERVERLESS_TYPES: &str = "AWS::Serverless::";
const LANGUAGE_EXTENSIONS: &str = "AWS::LanguageExtensions";

/// The sections there are.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>, and SAM's `Globals`.
const SECTIONS: [&str; 12] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];

/// The sections of a template that hold something to read.
pub(super) struct Sections {
    pub(super) parameters: Vec<Entry>,
    pub(super) mappings: Vec<Entry>,
    pub(super) conditions: Vec<Entry>,
    pub(super) resources: Vec<Entry>,
    pub(super) outputs: Vec<Entry>,
    pub(super) globals: Option<Node>,
    pub(super) metadata: Option<Node>,
    pub(super) extensions: Extensions,
    /// All that are there, known or not.
    pub(super) names: Vec<(String, Place)>,
}

/// What `Transform` adds to the language.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extensions {
    /// SAM.
    pub(crate) serverless: bool,
    /// `AWS::LanguageExtensions`: loops and more functions.
    pub(crate) language: bool,
    /// Another macro, which may change anything.
    pub(crate) foreign_macro: bool,
}

impl Sections {
    pub(super) fn of(root: Node, problems: &mut Problems) -> Result<Self, Unreadable> {
        let place = root.place;
        let Content::Map(sections) = root.content else {
            return Err(Unreadable::new(place, "no template: it is no map of sections"));
        };
        let mut read = Self::empty();
        let mut has_resources = false;
        for section in sections {
            has_resources |= section.key == "Resources" && section.value.as_map().is_some();
            read.take(section, problems);
        }
        if !has_resources {
            return Err(Unreadable::new(place, "no template: it has no map `Resources`"));
        }
        if read.resources.is_empty() {
            problems.push(Problem::invalid(place, "a template needs at least one resource"));
        }
        Ok(read)
    }

    fn empty() -> Self {
        Self {
            parameters: Vec::new(),
            mappings: Vec::new(),
            conditions: Vec::new(),
            resources: Vec::new(),
            outputs: Vec::new(),
            globals: None,
            metadata: None,
            extensions: Extensions::default(),
            names: Vec::new(),
        }
    }

    fn take(&mut self, section: Entry, problems: &mut Problems) {
        let Entry { key, place, value } = section;
        if !SECTIONS.contains(&key.as_str()) {
            problems.push(
                Problem::invalid(place, "is no section of a template").of(Part::Section, &key),
            );
        }
        match key.as_str() {
            "Parameters" => self.parameters = entries(value, &key, problems),
            "Mappings" => self.mappings = entries(value, &key, problems),
            "Conditions" => self.conditions = entries(value, &key, problems),
            "Resources" => self.resources = entries(value, &key, problems),
            "Outputs" => self.outputs = entries(value, &key, problems),
            "Globals" => self.globals = Some(value),
            "Metadata" => self.metadata = Some(value),
            "Transform" => self.extensions = Extensions::of(&value, problems),
            _ => {}
        }
        self.names.push((key, place));
    }
}

impl Extensions {
    fn of(transform: &Node, problems: &mut Problems) -> Self {
        let mut extensions = Self::default();
        for one in transform.each() {
            match one.as_text().or_else(|| one.get("Name")?.as_text()) {
                Some(SERVERLESS) => extensions.serverless = true,
                Some(LANGUAGE_EXTENSIONS) => extensions.language = true,
                other => {
                    extensions.foreign_macro = true;
                    let name = other.unwrap_or("no name");
                    let message = format!("is {name}, a macro that only AWS can carry out");
                    problems.push(
                        Problem::unsupported(one.place, message).of(Part::Section, "Transform"),
                    );
                }
            }
        }
        extensions
    }
}

/// A section's entries; none if it is empty.
fn entries(section: Node, name: &str, problems: &mut Problems) -> Vec<Entry> {
    match section.content {
        Content::Map(entries) => entries,
        Content::Null => Vec::new(),
        _ => {
            problems.push(Problem::invalid(section.place, "must be a map").of(Part::Section, name));
            Vec::new()
        }
    }
}
