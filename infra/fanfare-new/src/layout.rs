//! A project that is there: where its template, its events and its catalogue are.

use crate::NewError;
use crate::changes::Changes;
use crate::declared::Declared;
use fanfare_event::Catalogue;
use std::fs;
use std::path::{Path, PathBuf};

/// How deep in a project the file is looked for that declares the events.
const DEPTH: usize = 5;

/// Where a project has what commands change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The folder of the workspace.
    pub root: PathBuf,
    pub(crate) template: PathBuf,
    pub(crate) events: PathBuf,
    pub(crate) catalogue: PathBuf,
}

impl Layout {
    /// The project that a folder is in.
    ///
    /// # Errors
    /// [`NewError::NoProject`].
    pub fn find(folder: &Path) -> Result<Self, NewError> {
        let none = || NewError::NoProject(folder.to_owned());
        let template = fanfare_template::nearest(folder).ok_or_else(none)?;
        let workspaces = template.ancestors().skip(1);
        let root = workspaces.clone().find(|folder| folder.join("Cargo.toml").is_file());
        let root = root.ok_or_else(none)?.to_owned();
        let catalogue = catalogue_of(&template).ok_or_else(none)?;
        let events = declaring_file(&root, DEPTH).ok_or_else(none)?;
        Ok(Self { root, template, events, catalogue })
    }

    /// Where a new project has them.
    pub(crate) fn of_new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            template: root.join("template.yaml"),
            events: root.join("events/src/lib.rs"),
            catalogue: root.join("catalogue.json"),
        }
    }

    /// A file's text once what is under way is written.
    pub(crate) fn text(&self, file: &Path, under_way: &Changes) -> Result<String, NewError> {
        match under_way.text_of(file) {
            Some(text) => Ok(text.to_owned()),
            None => fs::read_to_string(file).map_err(NewError::file(file)),
        }
    }

    pub(crate) fn declared(&self, under_way: &Changes) -> Result<(String, Declared), NewError> {
        let text = self.text(&self.events, under_way)?;
        let declared = Declared::read(&self.events, &text)?;
        let declared = declared.ok_or_else(|| NewError::NoProject(self.root.clone()))?;
        Ok((text, declared))
    }

    pub(crate) fn catalogue(&self, under_way: &Changes) -> Result<(String, Catalogue), NewError> {
        let text = self.text(&self.catalogue, under_way)?;
        let catalogue = Catalogue::from_json(&text)?;
        Ok((text, catalogue))
    }

    /// The name of the crate that declares the events.
    pub(crate) fn events_crate(&self, under_way: &Changes) -> Result<String, NewError> {
        let folder = self.events.parent().and_then(Path::parent).unwrap_or(&self.root);
        let manifest = self.text(&folder.join("Cargo.toml"), under_way)?;
        let name = manifest.lines().find_map(|line| {
            line.strip_prefix("name")?
                .trim_start()
                .strip_prefix('=')?
                .trim()
                .strip_prefix('"')?
                .strip_suffix('"')
        });
        name.map(str::to_owned).ok_or_else(|| NewError::NoProject(self.root.clone()))
    }
}

/// The catalogue that a template names, or the one beside it.
fn catalogue_of(template: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(template).ok()?;
    let named = text.lines().find_map(|line| line.trim().strip_prefix("Catalogue:"));
    let file = template.parent()?.join(named.map_or("catalogue.json", str::trim));
    file.is_file().then_some(file)
}

/// The file below a folder that declares a catalogue.
fn declaring_file(folder: &Path, depth: usize) -> Option<PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(folder).ok()?.filter_map(Result::ok).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    let (folders, files): (Vec<_>, Vec<_>) =
        entries.iter().map(fs::DirEntry::path).partition(|path| path.is_dir());
    let declares = |file: &&PathBuf| {
        let text = fs::read_to_string(file).unwrap_or_default();
        text.contains("catalogue(")
            && Declared::read(file, &text).is_ok_and(|declared| declared.is_some())
    };
    let is_rust = |file: &&PathBuf| file.extension().is_some_and(|extension| extension == "rs");
    let below = |folder: &PathBuf| {
        let name = folder.file_name()?.to_str()?;
        let skipped = name.starts_with('.') || ["target", "tests", "node_modules"].contains(&name);
        if skipped || depth == 0 { None } else { declaring_file(folder, depth - 1) }
    };
    files.iter().filter(is_rust).find(declares).cloned().or_else(|| folders.iter().find_map(below))
}
