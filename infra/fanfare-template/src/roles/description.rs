//! A stack as it can be told to somebody who operates it.

use super::{Role, Roles};
use serde::{Deserialize, Serialize};

/// A stack: its resources, and what they are for. The local runner answers `GET /_fanfare/stack` with it; of a stack
/// elsewhere it is made from the template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StackDescription {
    /// The stack's name.
    pub stack: String,
    /// The template's file.
    pub template: String,
    /// Where its HTTP API is, if it has one and that is known.
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

impl StackDescription {
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
