//! Why the runner could not start: one line each, naming the resource and, where there is one, the remedy.

use std::path::PathBuf;

use crate::template::TemplateError;

/// Why [`Runner::start`](crate::Runner::start) gave up. Nothing is left running.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Somebody else listens on the port.
    #[error("port {port} is taken; choose another with {option} (0 takes any free one)")]
    PortTaken {
        /// The port that was asked for.
        port: u16,
        /// The command line's option for it.
        option: &'static str,
    },
    /// The port cannot be listened on for another reason.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The template is not understood, or asks for what the runner cannot do.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The template is unclear about what its resources are for.
    #[error(transparent)]
    Roles(#[from] fanfare_template::roles::NotDescribed),
    /// Another runner uses the data directory.
    #[error("{} is in use by another runner; stop that one or choose another --data directory", .0.display())]
    DataInUse(PathBuf),
    /// The data directory cannot be read or written.
    #[error("cannot use {}", path.display())]
    Data {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// No key can be made for the local issuer's tokens.
    #[error("the key of the local issuer can't be made")]
    IssuerKey(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The file with that key holds none.
    #[error("{} is damaged; remove it, and have tokens issued anew", path.display())]
    IssuerKeyDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file that says how far the streams were read is not one of ours.
    #[error("{} is damaged; remove it to read the streams from their beginning", path.display())]
    DataDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The journal of queues and mailbox does not open.
    #[error("the journal of queues and mailbox does not open: {0}")]
    Journal(String),
    /// A stored table does not look like the template's any more.
    #[error(
        "table {table} is stored with another {difference} than the template's {logical_id} has now; \
         remove {} to start afresh, or run the earlier template", data.display()
    )]
    TableChanged {
        /// The table's name.
        table: String,
        /// The resource in the template.
        logical_id: String,
        /// The part of the table's description that differs.
        difference: &'static str,
        /// The data directory.
        data: PathBuf,
    },
    /// A resource that the embedded service refused to create.
    #[error("{logical_id}: cannot be created: {reason}")]
    Resource {
        /// The resource's name in the template.
        logical_id: String,
        /// The service's words.
        reason: String,
    },
    /// A resource refers to one that the template does not have.
    #[error("{logical_id}: {reference} is not in the template")]
    Dangling {
        /// The resource's name in the template.
        logical_id: String,
        /// What it refers to.
        reference: String,
    },
    /// What ends the functions after a kill of the runner does not start.
    #[error("cannot start /bin/sh, which ends the functions if the runner is killed")]
    Watchdog(#[source] std::io::Error),
    /// A route that is not understood.
    #[error(
        "{logical_id}: route {key:?} is not of the form `METHOD /path`, `ANY /path` or `$default`"
    )]
    Route {
        /// The function that the route leads to.
        logical_id: String,
        /// The route's key.
        key: String,
    },
    /// The embedded database does not open.
    #[error("the embedded DynamoDB does not open: {0}")]
    Database(String),
}

/// Why a runner that has stopped could not save everything.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StopError {
    /// How far the streams were read is not saved; they will be read again.
    #[error("cannot save how far the streams were read to {}", path.display())]
    NotSaved {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
}
