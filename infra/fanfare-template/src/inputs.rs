//! What a template does not say itself: parameters' values, and whose stack it is.

use std::collections::BTreeMap;

/// What is given beside a template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Values for the template's `Parameters`, instead of their defaults.
    pub parameters: BTreeMap<String, String>,
    /// The stack that is made of it. Without one, pseudo parameters such as `AWS::Region` are unknown.
    pub stack: Option<StackIdentity>,
}

/// What pseudo parameters say of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackIdentity {
    /// `AWS::StackName`.
    pub name: String,
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::AccountId`, twelve digits.
    pub account_id: String,
}

impl StackIdentity {
    /// The ARN of something in this stack's region and account.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let Self { region, account_id, .. } = self;
        format!("arn:{}:{service}:{region}:{account_id}:{resource}", self.partition())
    }

    /// The ARN of something that has no region, as in IAM.
    pub fn global_arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}::{}:{resource}", self.partition(), self.account_id)
    }

    /// A pseudo parameter's value, if it is a text.
    pub(crate) fn pseudo_parameter(&self, name: &str) -> Option<String> {
        Some(match name {
            "AWS::StackName" => self.name.clone(),
            "AWS::Region" => self.region.clone(),
            "AWS::AccountId" => self.account_id.clone(),
            "AWS::Partition" => self.partition().to_owned(),
            "AWS::URLSuffix" if self.partition() == "aws-cn" => "amazonaws.com.cn".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::StackId" => {
                let id = format!("stack/{}/00000000-0000-0000-0000-000000000000", self.name);
                self.arn("cloudformation", &id)
            }
            _ => return None,
        })
    }

    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
    fn partition(&self) -> &'static str {
        match self.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        }
    }
}

/// The pseudo parameters there are.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html>
pub(crate) const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::NoValue",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];
