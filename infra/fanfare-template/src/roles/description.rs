//! A stack as it can be told to somebody who operates it.

use super::graph::{FUNCTIONS, QUEUES, TABLES, TOPICS};
use super::{Role, Roles};
use crate::{Cause, Inputs, Known, Piece, Problem, Resource, Template, Text, Unreadable};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// A stack: its resources, and what they are for. The local runner answers `GET /_fanfare/stack` with it; of a stack
/// elsewhere it is made from the template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StackDescription {
    /// The stack's name.
    pub stack: String,
    /// The template's file.
    pub template: String,
    /// Where its HTTP API is served, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_url: Option<String>,
    /// What its resources are for.
    pub roles: Roles,
    /// Its tables, queues, topics and functions.
    pub resources: Vec<ResourceDescription>,
}

/// One resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceDescription {
    /// Its name in the template.
    pub logical_id: String,
    /// Its type, such as `AWS::SQS::Queue`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name on the service. Absent: CloudFormation makes one up, of the stack's name and the logical id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its ARN, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Its URL, if it is a queue and that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Why a template does not tell what its resources are for.
#[derive(Debug, thiserror::Error)]
pub enum NotDescribed {
    /// The file can't be read.
    #[error("{file} can't be read")]
    File {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is no template.
    #[error("{file} is no template")]
    NoTemplate {
        /// The file.
        file: String,
        /// Why.
        source: Unreadable,
    },
    /// Its roles are unclear.
    #[error("{file}:{}: {problem}", problem.place.line)]
    Unclear {
        /// The file.
        file: String,
        /// The first thing that is wrong.
        problem: Box<Problem>,
    },
}

impl StackDescription {
    /// What a template's file says of a stack of this name.
    ///
    /// # Errors
    /// [`NotDescribed`], which names the file.
    pub fn read(
        file: &Path,
        stack: &str,
        parameters: &BTreeMap<String, String>,
    ) -> Result<Self, NotDescribed> {
        let name = || file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|source| NotDescribed::File { file: name(), source })?;
        let inputs = Inputs { parameters: parameters.clone(), stack: None };
        let template = Template::read(&text, &inputs)
            .map_err(|source| NotDescribed::NoTemplate { file: name(), source })?;
        let known = template.known();
        let (roles, problems) = Roles::of(&known);
        if let Some(problem) = problems.into_iter().next() {
            return Err(NotDescribed::Unclear { file: name(), problem: Box::new(problem) });
        }
        Ok(Self {
            stack: stack.to_owned(),
            template: name(),
            api_url: None,
            roles,
            resources: resources(&known, stack),
        })
    }

    /// A resource by its name in the template.
    pub fn resource(&self, logical_id: &str) -> Option<&ResourceDescription> {
        self.resources.iter().find(|resource| resource.logical_id == logical_id)
    }

    /// The resources of these types.
    pub fn of_kinds(&self, kinds: &[&str]) -> impl Iterator<Item = &ResourceDescription> {
        self.resources.iter().filter(move |resource| kinds.contains(&resource.kind.as_str()))
    }

    /// The logical id of what has a role that one resource has.
    ///
    /// # Errors
    /// [`MissingRole`] when nothing has it, or when several may.
    pub fn require(&self, role: Role) -> Result<&str, MissingRole> {
        let found = match role {
            Role::EventStore => &self.roles.event_store,
            Role::Ledger => &self.roles.ledger,
            Role::Topic => &self.roles.topic,
            Role::Relay => &self.roles.relay,
            Role::Audit => &self.roles.audit,
            Role::Consumer => &None,
        };
        found.as_deref().ok_or_else(|| MissingRole { template: self.template.clone(), role })
    }
}

/// Nothing in a template has a role that is needed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing in {template} is the {role}: {}", role.remedy())]
pub struct MissingRole {
    /// The template.
    pub template: String,
    /// The role.
    pub role: Role,
}

fn resources(template: &Known, stack: &str) -> Vec<ResourceDescription> {
    let is_told = |resource: &&Resource| {
        [TABLES, QUEUES, TOPICS, FUNCTIONS].iter().any(|kinds| resource.is_one_of(kinds))
    };
    let told = |resource: &Resource| ResourceDescription {
        logical_id: resource.id.clone(),
        kind: resource.kind.clone(),
        name: resource.given_name().and_then(|name| spelled(&name, stack)),
        arn: None,
        url: None,
    };
    template.resources.iter().filter(is_told).map(told).collect()
}

/// A name with the stack's in its place; `None` if something else in it is unknown.
fn spelled(name: &Text, stack: &str) -> Option<String> {
    let is_stack = |cause: &Cause| *cause == Cause::PseudoParameter("AWS::StackName".to_owned());
    let piece = |piece: &Piece| match piece {
        Piece::Known(text) => Some(text.clone()),
        Piece::Unknown(unknown) if is_stack(&unknown.cause) => Some(stack.to_owned()),
        Piece::Unknown(_) | Piece::Reference(_) | Piece::Attribute(..) => None,
    };
    name.pieces().iter().map(piece).collect()
}
