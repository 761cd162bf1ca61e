//! Why nothing was written.

use std::io;
use std::path::PathBuf;

/// Why nothing was written. Each says what to do instead.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    /// A name can't be one.
    #[error("{name:?} is no name for {what}: {rule}")]
    Name {
        /// What was to be named.
        what: &'static str,
        /// The name.
        name: String,
        /// What a name is made of.
        rule: &'static str,
    },
    /// A field's type is unknown.
    #[error(
        "{name}: {kind:?} is no type that a sample can be made of: take String, bool, an integer, f32 or f64, or \
         Option<…> or Vec<…> of one; others are written into the struct by hand"
    )]
    Type {
        /// The field.
        name: String,
        /// The type.
        kind: String,
    },
    /// A field was given twice.
    #[error("the field {0} is given twice")]
    TwiceAField(String),
    /// An event without a field has nothing that it is about.
    #[error(
        "{0} has no field: name at least the one that it is about, such as room:String. The first field is what events \
         are in one stream by, so it is a String or an integer"
    )]
    NoField(String),
    /// The first field can't be part of a stream's name.
    #[error(
        "{event} is about {field}, which is neither a String nor an integer: put such a field first"
    )]
    Subject {
        /// The event.
        event: String,
        /// Its first field.
        field: String,
    },
    /// A folder is in the way.
    #[error("{} exists: take another name, or another folder", .0.display())]
    Exists(PathBuf),
    /// There is no project here.
    #[error(
        "there is no project in {} or above: no template.yaml that names a catalogue, with events declared by \
         #[fanfare::catalogue]. `fanfare new NAME` begins one",
        .0.display()
    )]
    NoProject(PathBuf),
    /// Code can't be read.
    #[error("{} can't be read as Rust; make it compile first", .file.display())]
    Code {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: syn::Error,
    },
    /// The catalogue can't be read.
    #[error(transparent)]
    Catalogue(#[from] fanfare_event::CatalogueError),
    /// The template can't be edited.
    #[error("{}: {problem}", .template.display())]
    Template {
        /// The template.
        template: PathBuf,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// An event is there already, as something else.
    #[error(
        "the event {0} exists, and is declared otherwise: an event that was published keeps its fields"
    )]
    OtherEvent(String),
    /// A consumer or function is there already.
    #[error("{0} exists, and is another: its handler is functions/{0}/src/lib.rs")]
    OtherConsumer(String),
    /// No such event.
    #[error(
        "there is no event {name}: there are {known}. `fanfare new event {name} FIELD:TYPE …` declares it"
    )]
    UnknownEvent {
        /// The event.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// A table's key is no field of the event.
    #[error("{event} has no field {key} that is a String, to be the table's key: it has {fields}")]
    Key {
        /// The event.
        event: String,
        /// The key.
        key: String,
        /// The fields that it has.
        fields: String,
    },
    /// A file can't be read or written.
    #[error("{}", .file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file could not be written, and what was written before it could not all be taken back.
    #[error("not everything could be taken back: look at {}", paths(.left))]
    HalfWritten {
        /// What is not as it was.
        left: Vec<PathBuf>,
        /// What failed at first.
        source: Box<NewError>,
    },
    /// A text could not be written out.
    #[error("a file of the project can't be written out")]
    Text(#[from] askama::Error),
    /// JSON could not be written out.
    #[error("a sample can't be written out")]
    Json(#[from] serde_json::Error),
}

impl NewError {
    /// The error of a file that can't be read or written.
    pub fn file(file: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let file = file.into();
        |source| Self::File { file, source }
    }
}

fn paths(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}
