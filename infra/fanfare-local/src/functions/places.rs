//! Where a function's program may be.
//!
//! It is looked for where the template is, never where this runner is: a template of somebody else's must not run a
//! program of ours that happens to have the name of one of its functions.

use std::collections::HashSet;
use std::env;
use std::path::{Path, PathBuf};

use super::interpreter::Interpreters;
use super::workspace::Workspace;
use crate::template::stack::Function;

/// Where programs may be.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// The operator's choice, which excludes every other place.
    pub(super) chosen: Option<PathBuf>,
    /// The template's folder, absolute.
    pub(super) template: PathBuf,
    /// What `CARGO_TARGET_DIR` says.
    pub(super) target: Option<PathBuf>,
    /// The folder of the running program.
    pub(super) beside: Option<PathBuf>,
    pub(super) interpreters: Interpreters,
}

impl Places {
    /// Around this template, or in the operator's choice.
    pub(crate) fn new(chosen: Option<PathBuf>, template: &Path) -> Self {
        let template = std::path::absolute(template).unwrap_or_else(|_| template.to_owned());
        let program = env::current_exe().ok();
        let folder = program.as_deref().and_then(Path::parent);
        // A test runs from `target/debug/deps`, and the programs are one folder up.
        let above = folder.filter(|folder| folder.ends_with("deps")).and_then(Path::parent);
        Self {
            chosen: chosen.map(|folder| std::path::absolute(&folder).unwrap_or(folder)),
            template: template.parent().map(Path::to_owned).unwrap_or_default(),
            target: env::var_os("CARGO_TARGET_DIR").map(PathBuf::from),
            beside: above.or(folder).map(Path::to_owned),
            interpreters: Interpreters::default(),
        }
    }

    /// The folder that `sam build` made for the function.
    pub(super) fn sam_build(&self, function: &Function) -> PathBuf {
        self.template.join(".aws-sam/build").join(&function.logical_id)
    }

    pub(super) fn of(&self, function: &Function, names: &[String]) -> Vec<PathBuf> {
        if let Some(folder) = &self.chosen {
            return names.iter().map(|name| folder.join(name)).collect();
        }
        let mut places = Vec::new();
        let workspaces = self.workspaces(function);
        for name in names {
            for workspace in &workspaces {
                let profiles = self.profiles(workspace).into_iter();
                places.extend(profiles.map(|folder| folder.join(name)));
                places.push(workspace.target.join("lambda").join(name).join("bootstrap"));
            }
            places.push(function.code.join("target/lambda").join(name).join("bootstrap"));
        }
        places.push(function.code.join("bootstrap"));
        places.push(self.sam_build(function).join("bootstrap"));
        let mut seen = HashSet::new();
        places.retain(|place| seen.insert(place.clone()));
        places
    }

    /// The function's own workspace, and the template's if that is another.
    pub(super) fn workspaces(&self, function: &Function) -> Vec<Workspace> {
        let around = |folder| Workspace::around(folder, self.target.as_deref());
        let mut found: Vec<Workspace> =
            [around(&function.code), around(&self.template)].into_iter().flatten().collect();
        found.dedup();
        found
    }

    /// The folders that a workspace's programs are built into. A runner that was built there too runs what was built
    /// as it was.
    fn profiles(&self, workspace: &Workspace) -> Vec<PathBuf> {
        match &self.beside {
            Some(beside) if beside.parent() == Some(&workspace.target) => vec![beside.clone()],
            _ => ["debug", "release"].map(|profile| workspace.target.join(profile)).into(),
        }
    }
}
