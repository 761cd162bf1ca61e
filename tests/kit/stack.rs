//! A deployed stack, in the words of `aws cloudformation`.

use serde_json::Value;
use std::path::{Path, PathBuf};

/// The variable that names the folder with what `infra/emulators/e2e.sh` wrote about the stack.
const FOLDER: &str = "FANFARE_STACK";

/// A stack: `stack.json` is from `describe-stacks`, `resources.json` from `list-stack-resources`.
#[derive(Debug, Clone)]
pub struct Stack {
    stack: Value,
    resources: Value,
}

impl Stack {
    /// The stack that the tests were given, if any.
    ///
    /// # Panics
    /// When what describes it can't be read.
    pub fn given() -> Option<Self> {
        let folder = PathBuf::from(std::env::var_os(FOLDER)?);
        Some(Self {
            stack: read(&folder.join("stack.json"))["Stacks"][0].take(),
            resources: read(&folder.join("resources.json"))["StackResourceSummaries"].take(),
        })
    }

    /// The name, URL or ARN of a resource: what `Ref` gives.
    ///
    /// # Panics
    /// When the stack has no such resource.
    pub fn physical(&self, logical: &str) -> String {
        find(&self.resources, "LogicalResourceId", logical, "PhysicalResourceId")
            .unwrap_or_else(|| panic!("the stack has no {logical}"))
    }

    /// The logical ids of all resources of a type.
    pub fn all(&self, kind: &str) -> Vec<String> {
        let resources = self.resources.as_array().cloned().unwrap_or_default();
        let of_kind = resources.iter().filter(|resource| resource["ResourceType"] == kind);
        of_kind.filter_map(|r| Some(r["LogicalResourceId"].as_str()?.to_owned())).collect()
    }

    pub(crate) fn api_url(&self) -> String {
        find(&self.stack["Outputs"], "OutputKey", "ApiUrl", "OutputValue").expect("an output")
    }

    /// Whether it was deployed with this, such as `MaxTries=5`.
    pub(crate) fn has_parameter(&self, parameter: &str) -> bool {
        let (key, value) = parameter.split_once('=').expect("KEY=VALUE");
        find(&self.stack["Parameters"], "ParameterKey", key, "ParameterValue").as_deref()
            == Some(value)
    }

    pub(crate) fn region(&self) -> String {
        self.arn_part(3)
    }

    /// The ARN of a role.
    pub fn role(&self, logical: &str) -> String {
        format!("arn:aws:iam::{}:role/{}", self.arn_part(4), self.physical(logical))
    }

    /// The ARN of a queue.
    pub fn queue_arn(&self, logical: &str) -> String {
        let url = self.physical(logical);
        let name = url.rsplit('/').next().expect("a URL");
        format!("arn:aws:sqs:{}:{}:{name}", self.region(), self.arn_part(4))
    }

    /// A part of the stack's ARN, `arn:aws:cloudformation:REGION:ACCOUNT:stack/…`.
    fn arn_part(&self, place: usize) -> String {
        let arn = self.stack["StackId"].as_str().expect("a stack has an id");
        arn.split(':').nth(place).expect("a whole ARN").to_owned()
    }
}

fn read(file: &Path) -> Value {
    let text = std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// In a list of objects, the field `wanted` of the one whose field `key` is this.
fn find(list: &Value, key: &str, is: &str, wanted: &str) -> Option<String> {
    let found = list.as_array()?.iter().find(|entry| entry[key] == is)?;
    found[wanted].as_str().map(str::to_owned)
}
