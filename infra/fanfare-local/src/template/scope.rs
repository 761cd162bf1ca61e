//! What a name in a template stands for: parameters, pseudo parameters, resources.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use super::document::{Document, Resource};
use super::error::Fault;
use super::loader::Context;
use super::resources;
use super::yaml::{Entry, Node};

/// Everything that resolving a template's values takes.
pub(super) struct Scope<'t> {
    pub(super) context: &'t Context,
    pub(super) document: &'t Document,
    pub(super) parameters: BTreeMap<String, Node>,
    /// The template's folder, absolute.
    pub(super) folder: PathBuf,
    /// What is being resolved right now, outermost first: meeting one of these again is a cycle.
    steps: RefCell<Vec<String>>,
}

impl<'t> Scope<'t> {
    pub(super) fn new(
        context: &'t Context,
        document: &'t Document,
        parameters: BTreeMap<String, Node>,
        folder: PathBuf,
    ) -> Self {
        Self { context, document, parameters, folder, steps: RefCell::default() }
    }

    /// Runs one step of a resolution, or says which cycle it closes.
    pub(super) fn step<T>(
        &self,
        name: String,
        line: usize,
        run: impl FnOnce() -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let start = self.steps.borrow().iter().position(|step| *step == name);
        if let Some(start) = start {
            let cycle = format!("{} -> {name}", self.steps.borrow()[start..].join(" -> "));
            return Err(Fault::new(line, format!("depends on itself: {cycle}")));
        }
        self.steps.borrow_mut().push(name);
        let result = run();
        self.steps.borrow_mut().pop();
        result
    }

    pub(super) fn is_active(&self, resource: &Resource) -> Result<bool, Fault> {
        match &resource.condition {
            None => Ok(true),
            Some((name, line)) => {
                self.condition(name, *line).map_err(|fault| fault.of("resource", &resource.id))
            }
        }
    }

    /// The resource that a reference means. One whose condition is false is not there to refer to.
    pub(super) fn referent(&self, id: &str, line: usize) -> Result<&'t Resource, Fault> {
        let declared = self.document.resources.iter().chain(&self.document.implied);
        let Some(resource) = declared.into_iter().find(|resource| resource.id == id) else {
            return Err(Fault::new(line, format!("refers to {id}, which is not in the template")));
        };
        match &resource.condition {
            Some((condition, _)) if !self.is_active(resource)? => Err(Fault::new(
                line,
                format!("refers to {id}, whose condition {condition} is false"),
            )),
            _ => Ok(resource),
        }
    }

    /// The active resource of one of these types for which `test` holds.
    pub(super) fn find(
        &self,
        kinds: &[&str],
        test: impl Fn(&'t Resource) -> Result<bool, Fault>,
    ) -> Result<Option<&'t Resource>, Fault> {
        for resource in &self.document.resources {
            if kinds.contains(&resource.kind.as_str())
                && self.is_active(resource)?
                && test(resource)?
            {
                return Ok(Some(resource));
            }
        }
        Ok(None)
    }

    /// A value as `Ref` gives it. `None` is `AWS::NoValue`.
    pub(super) fn reference(&self, name: &str, line: usize) -> Result<Option<Node>, Fault> {
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        if name == "AWS::NotificationARNs" {
            return Ok(Some(Node::list(line, Vec::new())));
        }
        if let Some(text) = self.pseudo_parameter(name) {
            return Ok(Some(Node::text(line, text)));
        }
        if let Some(value) = self.parameters.get(name) {
            return Ok(Some(Node { line, ..value.clone() }));
        }
        let resource = self.referent(name, line)?;
        Ok(Some(Node::text(line, resources::reference(self, resource)?)))
    }

    /// A value as `Fn::GetAtt` gives it.
    pub(super) fn attribute(&self, id: &str, name: &str, line: usize) -> Result<String, Fault> {
        let resource = self.referent(id, line)?;
        resources::attribute(self, resource, name)?.ok_or_else(|| {
            Fault::new(
                line,
                format!("refers to {id}.{name}, but {} has no such attribute", resource.kind),
            )
        })
    }

    /// A resource's own top-level property as text, apart from the rest of the resource, so that
    /// names can be had of resources that refer to each other.
    pub(super) fn own_text(
        &self,
        resource: &Resource,
        property: &str,
    ) -> Result<Option<String>, Fault> {
        let Some(node) = resource.property(property) else { return Ok(None) };
        let step = format!("{}.{property}", resource.id);
        let text = self.step(step, node.line, || match self.resolve(node)? {
            None => Ok(None),
            Some(value) => match value.as_text() {
                Some(text) => Ok(Some(text.to_owned())),
                None => Err(Fault::new(node.line, "must be a text")),
            },
        });
        text.map_err(|fault| fault.of("property", property).of("resource", &resource.id))
    }

    /// The resource's name: the given property's value, or one made of the stack's name.
    pub(super) fn name(&self, resource: &Resource, property: &str) -> Result<String, Fault> {
        let own = self.own_text(resource, property)?;
        Ok(own.unwrap_or_else(|| format!("{}-{}", self.context.stack_name, resource.id)))
    }

    /// The name of a queue or topic: a generated one ends in `.fifo` if it has to.
    pub(super) fn fifo_name(
        &self,
        resource: &Resource,
        property: &str,
        flag: &str,
    ) -> Result<String, Fault> {
        let name = self.name(resource, property)?;
        let is_generated = self.own_text(resource, property)?.is_none();
        let is_fifo =
            self.own_text(resource, flag)?.is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
        match is_generated && is_fifo {
            true => Ok(format!("{name}.fifo")),
            false => Ok(name),
        }
    }

    /// All of a resource's properties, resolved.
    pub(super) fn properties(&self, resource: &Resource) -> Result<Vec<Entry>, Fault> {
        let mut resolved = Vec::new();
        for entry in &resource.properties {
            let value =
                self.resolve(&entry.value).map_err(|fault| fault.of("property", &entry.key))?;
            resolved.extend(value.map(|value| Entry { value, ..entry.clone() }));
        }
        Ok(resolved)
    }

    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        let Context { region, account_id, .. } = self.context;
        format!("arn:{}:{service}:{region}:{account_id}:{resource}", self.partition())
    }

    /// The ARN of something that has no region, as in IAM.
    pub(super) fn global_arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}::{}:{resource}", self.partition(), self.context.account_id)
    }

    fn partition(&self) -> &'static str {
        match self.context.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }

    fn pseudo_parameter(&self, name: &str) -> Option<String> {
        let Context { stack_name, region, account_id, .. } = self.context;
        Some(match name {
            "AWS::StackName" => stack_name.clone(),
            "AWS::Region" => region.clone(),
            "AWS::AccountId" => account_id.clone(),
            "AWS::Partition" => self.partition().to_owned(),
            "AWS::URLSuffix" if self.partition() == "aws-cn" => "amazonaws.com.cn".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackId" => self.arn(
                "cloudformation",
                &format!("stack/{stack_name}/00000000-0000-0000-0000-000000000000"),
            ),
            _ => return None,
        })
    }
}
