//! What a runner is asked for.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What to run, and how.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Options {
    /// The SAM template.
    pub template: PathBuf,
    /// Values for the template's parameters, instead of their defaults.
    pub parameters: BTreeMap<String, String>,
    /// The port of the AWS services; 0 takes any free one.
    pub port: u16,
    /// The port of the HTTP API; 0 takes any free one.
    pub api_port: u16,
    /// Where tables and messages outlive the runner; `None`: all is gone with it.
    pub data: Option<PathBuf>,
    /// The one folder to take the functions' programs from, instead of looking for the newest.
    pub functions: Option<PathBuf>,
    /// The stack's name, with which every name that the template leaves open begins.
    pub stack_name: String,
    /// The region that everything is said to be in.
    pub region: String,
    /// The account that everything is said to belong to, twelve digits.
    pub account: String,
    /// Whether what can't run here is left out, instead of keeping the rest from running.
    pub skip_unsupported: bool,
    /// Whether the HTTP API takes a caller who brings neither token nor signature for staff ([`Holder::staff`](crate::Holder::staff)).
    pub open: bool,
    /// The template's parameter that says whose tokens open the HTTP API: the local issuer's address goes into it, unless
    /// `parameters` has it.
    pub issuer_parameter: Option<String>,
    /// Names beside those of this machine by which it may be called, such as `host.docker.internal`.
    pub allowed_hosts: Vec<String>,
    /// What shows the lines that the functions write, each with its function's name; `None` keeps the last ones for when a
    /// function crashes.
    pub echo: Option<fn(&str, &str)>,
}

impl Options {
    /// The defaults for a template: LocalStack's port, 8080 for the HTTP API, nothing kept.
    pub fn new(template: impl Into<PathBuf>) -> Self {
        Self {
            template: template.into(),
            parameters: BTreeMap::new(),
            port: 4566,
            api_port: 8080,
            data: None,
            functions: None,
            stack_name: "fanfare".to_owned(),
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
            skip_unsupported: false,
            open: false,
            issuer_parameter: None,
            allowed_hosts: Vec::new(),
            echo: None,
        }
    }
}
