//! `fanfare new NAME`: a workspace that builds, with one event and one consumer, made by the same means as the next ones.

use crate::changes::Changes;
use crate::{CrateName, EventName, Field, Layout, NewConsumer, NewError, NewEvent, TableKey};
use fanfare_event::Catalogue;
use heck::ToUpperCamelCase;
use std::path::{Path, PathBuf};

/// The version of the crates that a project depends on.
pub const FANFARE_VERSION: &str = "0.1.0";

/// Where a project takes Fanfare from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fanfare {
    /// From the registry, at [`FANFARE_VERSION`].
    Version,
    /// From a folder that holds its repository.
    Path(PathBuf),
    /// From a git repository.
    Git(String),
}

impl Fanfare {
    /// A dependency on one of its crates, as a manifest writes it.
    fn dependency(&self, name: &str) -> String {
        match self {
            Self::Version => format!("{FANFARE_VERSION:?}"),
            Self::Path(folder) => {
                let folder = folder.join("shared").join(name);
                format!("{{ path = {:?} }}", folder.display().to_string())
            }
            Self::Git(url) => format!("{{ git = {url:?} }}"),
        }
    }
}

/// A project that is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProject {
    /// Its name.
    pub name: CrateName,
    /// Where it takes Fanfare from.
    pub fanfare: Fanfare,
}

/// The project's files before it has an event or a consumer. `{name}`, `{Name}`, `{fanfare}` and `{relay}` are filled in.
const FILES: [(&str, &str); 14] = [
    (".cargo/config.toml", include_str!("../templates/project/cargo-config.toml.txt")),
    (".ci/run", include_str!("../templates/project/ci-run.txt")),
    (".gitignore", include_str!("../templates/project/gitignore.txt")),
    ("Cargo.toml", include_str!("../templates/project/Cargo.toml.txt")),
    ("Makefile", include_str!("../templates/project/Makefile.txt")),
    ("README.md", include_str!("../templates/project/README.md.txt")),
    ("clippy.toml", include_str!("../templates/project/clippy.toml.txt")),
    ("requirements.txt", include_str!("../templates/project/requirements.txt")),
    ("events/Cargo.toml", include_str!("../templates/project/events/Cargo.toml.txt")),
    ("events/src/lib.rs", include_str!("../templates/project/events/lib.rs.txt")),
    ("events/tests/catalogue.rs", include_str!("../templates/project/events/catalogue.rs.txt")),
    ("functions/relay/Cargo.toml", include_str!("../templates/project/relay/Cargo.toml.txt")),
    ("functions/relay/src/main.rs", include_str!("../templates/project/relay/main.rs.txt")),
    ("template.yaml", include_str!("../templates/project/template.yaml.txt")),
];

impl NewProject {
    /// What is to be written into a folder that is not there yet.
    ///
    /// # Errors
    /// [`NewError::Exists`]; [`NewError::Name`] when the project and its consumer would have one name.
    pub fn changes(&self, folder: &Path) -> Result<Changes, NewError> {
        if folder.exists() {
            return Err(NewError::Exists(folder.to_owned()));
        }
        let mut changes = Changes::default();
        for (file, text) in FILES {
            changes.create(folder.join(file), self.filled_in(text));
        }
        let none = Catalogue::new([])?.to_json()?;
        changes.create(folder.join("catalogue.json"), none);

        let project = Layout::of_new(folder);
        let greeted: EventName = "Greeted".parse()?;
        let event = NewEvent {
            name: greeted.clone(),
            summary: Some("Somebody was greeted.".to_owned()),
            fields: vec!["guest:String".parse::<Field>()?, "words:String".parse()?],
            stream: None,
        };
        changes.then(event.after(&project, &changes)?);
        let consumer = NewConsumer {
            name: "guestbook".parse()?,
            on: greeted,
            emits: None,
            table: Some("guests:guest".parse::<TableKey>()?),
        };
        changes.then(consumer.after(&project, &changes)?);
        Ok(changes)
    }

    fn filled_in(&self, text: &str) -> String {
        let name = self.name.to_string();
        text.replace("{name}", &name)
            .replace("{name_in_code}", &self.name.snake())
            .replace("{Name}", &name.to_upper_camel_case())
            .replace("{fanfare}", &self.fanfare.dependency("fanfare"))
            .replace("{relay}", &self.fanfare.dependency("fanfare-relay"))
    }
}
