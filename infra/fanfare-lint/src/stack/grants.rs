//! What a function may do: by its own policies, by its role's, and by those that are attached to its role.

use super::policies::{NamedPolicy, named_policies_of, statements_of};
use super::{Stack, Statement};
use fanfare_template::{Resource, Setting, Value};

/// The policies of one function.
pub(crate) struct Grants<'t> {
    pub(crate) statements: Vec<Statement<'t>>,
    pub(crate) named: Vec<NamedPolicy<'t>>,
    /// What stands in the way of knowing all of them.
    pub(crate) unknown: Option<String>,
}

impl<'t> Stack<'t> {
    /// What a function may do.
    pub(crate) fn grants(&self, function: &'t Resource) -> Grants<'t> {
        let mut holders = vec![function];
        let mut unknown = None;
        match function.properties.find_text(&["Role"]) {
            Setting::Absent => {}
            Setting::Known(role) => match role.resource().and_then(|id| self.resource(id)) {
                Some(role) => {
                    holders.push(role);
                    holders.extend(self.attached_to(role));
                }
                None => unknown = Some(format!("the role {role}")),
            },
            Setting::Unknown(why) => unknown = Some(why),
        }
        Grants {
            statements: holders.iter().flat_map(|holder| statements_of(holder)).collect(),
            named: holders.iter().flat_map(|holder| named_policies_of(holder)).collect(),
            unknown,
        }
    }

    /// The policies that name a role as one that they are for.
    fn attached_to(&self, role: &Resource) -> impl Iterator<Item = &'t Resource> {
        let is_role = |value: &Value| {
            value.as_text().is_some_and(|text| text.resource() == Some(role.id.as_str()))
        };
        let kinds = &["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"];
        self.of_kinds(kinds).filter(move |policy| {
            let named = ["Roles", "RoleName"].iter().filter_map(|key| policy.properties.field(key));
            named.into_iter().any(|field| field.value.each().iter().any(is_role))
        })
    }
}
