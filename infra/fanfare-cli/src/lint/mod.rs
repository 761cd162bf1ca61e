//! `fanfare lint`: checks templates.

mod project;

use crate::output::{self, escaped};
use crate::terminal::complain;
use clap::{Args, ValueEnum};
use fanfare_event::{Catalogue, CatalogueError};
use fanfare_lint::{CatalogueFile, Options, RULES, Report, Unreadable};
use fanfare_template::{Inputs, Template};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args)]
#[command(after_help = "Examples:
  fanfare lint infra/template.yaml
  fanfare lint --verbose template.yaml              also what is accepted, and what was not judged
  fanfare lint --format sarif *.yaml > lint.sarif   for code scanning
  fanfare lint --stage dev --parameter Timeout=30 template.yaml
  fanfare lint --rules

What a template leaves to AWS (parameters without a default, imports, secrets) is never a finding. Resources whose
condition does not hold are left out: judge them by giving the parameters that it needs.

A finding is accepted in the Metadata of its resource (or, for every resource, of the template):
  Metadata:
    Fanfare:
      Accept:
        - Rule: queue-without-dlq
          Because: Heartbeats; the next one is sent in a minute.

A template is checked against its project too:
- the event types that it filters by, against the catalogue of events: the file that its Metadata names,
    Metadata: { Fanfare: { Catalogue: ../events/catalogue.json } }
  or catalogue.json beside it. The crate that declares the events writes it.
- the consumers that it feeds, against the crates of the cargo workspace whose root it lies in, or in a folder of that,
  such as infra/: those that depend on fanfare and make a consumer.

Exit code 0: clean; 1: findings; 2: wrong arguments, or a template that cannot be read.")]
pub(crate) struct LintArguments {
    /// SAM or CloudFormation templates, in YAML or JSON
    #[arg(value_name = "TEMPLATE", required_unless_present = "rules")]
    templates: Vec<PathBuf>,
    /// How to write the report
    #[arg(long, value_enum, default_value_t = Format::Plain)]
    format: Format,
    /// A value for one of the templates' parameters; may be repeated
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = crate::parameter::parameter)]
    parameters: Vec<(String, String)>,
    /// Judge the templates as deployed to this stage: the value of parameters such as Stage and Environment
    #[arg(long, value_name = "STAGE", default_value = "prod")]
    stage: String,
    /// Invocations at once that the account allows
    #[arg(long, value_name = "N", default_value_t = 1000)]
    account_concurrency: u32,
    /// The cargo workspace that the templates belong to, if it is not around them
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// Do not look at catalogue and code around the templates
    #[arg(long, conflicts_with = "project")]
    no_project: bool,
    /// Also say what is accepted, and what was not judged
    #[arg(long, short)]
    verbose: bool,
    /// List the rules
    #[arg(long)]
    rules: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Plain,
    /// For programs
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
}

/// Why a template was not checked.
#[derive(Debug, thiserror::Error)]
enum LintError {
    #[error("cannot read {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} is no template", path.display())]
    Template { path: PathBuf, source: Unreadable },
    #[error("no template has a parameter {0}")]
    Parameter(String),
    #[error("cannot look at the project in {}", folder.display())]
    Project { folder: PathBuf, source: io::Error },
    #[error("{} is no cargo project: it has no Cargo.toml", .0.display())]
    NoProject(PathBuf),
    #[error("cannot read the catalogue of events")]
    Catalogue(#[from] CatalogueError),
    #[error("cannot write the report")]
    Output(#[source] io::Error),
}

/// Prints the report, and what could not be checked.
pub(crate) fn lint(arguments: &LintArguments) -> ExitCode {
    let mut reports = Vec::new();
    let mut errors = Vec::new();
    for template in &arguments.templates {
        match check(template, arguments) {
            Ok(report) => reports.push(report),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        errors.extend(unknown_parameter(arguments, &reports));
    }
    if let Err(error) = write(arguments, &reports)
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        errors.push(LintError::Output(error));
    }
    for error in &errors {
        let chain = fanfare_bootstrap::ErrorChain(error);
        complain(&chain.to_string());
    }
    match reports.iter().all(|report| report.findings.is_empty()) {
        _ if !errors.is_empty() => ExitCode::from(2),
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn check(path: &Path, arguments: &LintArguments) -> Result<Report, LintError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| LintError::File { path: path.to_owned(), source })?;
    let options = Options {
        parameters: arguments.parameters.iter().cloned().collect(),
        stage: arguments.stage.clone(),
        account_concurrency: arguments.account_concurrency,
        project: project(path, &text, arguments)?,
    };
    fanfare_lint::lint(&path.to_string_lossy(), &text, &options)
        .map_err(|source| LintError::Template { path: path.to_owned(), source })
}

fn project(
    template: &Path,
    text: &str,
    arguments: &LintArguments,
) -> Result<fanfare_lint::Project, LintError> {
    match arguments.no_project {
        true => Ok(fanfare_lint::Project::default()),
        false => Ok(fanfare_lint::Project {
            catalogue: catalogue(template, text)?,
            consumers: consumers(template, arguments)?,
        }),
    }
}

fn catalogue(template: &Path, text: &str) -> Result<Option<CatalogueFile>, LintError> {
    // What is no template is told of when it is judged.
    let read = Template::read(text, &Inputs::default()).ok();
    let Some(file) = read.and_then(|read| read.catalogue_file(template)) else { return Ok(None) };
    let catalogue = Catalogue::read(&file)?;
    Ok(Some(CatalogueFile { name: file.display().to_string(), catalogue }))
}

fn consumers(template: &Path, arguments: &LintArguments) -> Result<Option<Vec<String>>, LintError> {
    let folder = match &arguments.project {
        Some(folder) if !project::is_at(folder) => {
            return Err(LintError::NoProject(folder.clone()));
        }
        Some(folder) => Some(folder.clone()),
        None => project::around(template),
    };
    let Some(folder) = folder else { return Ok(None) };
    match project::consumers(&folder) {
        Ok(consumers) => Ok(Some(consumers)),
        Err(source) => Err(LintError::Project { folder, source }),
    }
}

/// A parameter that was given and that no template has is a slip of the pen.
fn unknown_parameter(arguments: &LintArguments, reports: &[Report]) -> Option<LintError> {
    let is_known = |name: &String| reports.iter().any(|report| report.parameters.contains(name));
    let unknown = arguments.parameters.iter().find(|(name, _)| !is_known(name));
    unknown.map(|(name, _)| LintError::Parameter(name.clone()))
}

fn write(arguments: &LintArguments, reports: &[Report]) -> io::Result<()> {
    let mut out = output::report();
    if arguments.rules {
        write_rules(&mut out)?;
    }
    match arguments.format {
        Format::Plain => fanfare_lint::plain(reports, arguments.verbose, &mut out)?,
        _ if arguments.templates.is_empty() => {}
        Format::Json => {
            writeln!(out, "{}", escaped(&format!("{:#}", fanfare_lint::json(reports))))?
        }
        Format::Sarif => {
            let sarif = fanfare_lint::sarif(reports, arguments.verbose);
            writeln!(out, "{}", escaped(&format!("{sarif:#}")))?;
        }
    }
    out.flush()
}

fn write_rules(out: &mut impl Write) -> io::Result<()> {
    for rule in RULES {
        writeln!(out, "{}\n    {}\n    {}\n    {}\n", rule.id, rule.title, rule.why, rule.page)?;
    }
    Ok(())
}
