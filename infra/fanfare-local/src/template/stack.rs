//! What a template comes down to once its parameters, conditions and functions are resolved:
//! plain values that the runner can create. Nothing in here is CloudFormation any more.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Everything one template asks for, in the template's order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stack {
    /// SQS queues.
    pub queues: Vec<Queue>,
    /// SNS topics.
    pub topics: Vec<Topic>,
    /// SNS subscriptions whose endpoint is a queue.
    pub subscriptions: Vec<Subscription>,
    /// DynamoDB tables.
    pub tables: Vec<Table>,
    /// Lambda functions.
    pub functions: Vec<Function>,
    /// Event-source mappings: what feeds the functions.
    pub mappings: Vec<Mapping>,
    /// HTTP fronts: API Gateway v2 routes, or a function URL (one catch-all route).
    pub routes: Vec<Route>,
    /// The template's `Outputs`, resolved.
    pub outputs: BTreeMap<String, String>,
}

impl Extend<Stack> for Stack {
    fn extend<I: IntoIterator<Item = Stack>>(&mut self, parts: I) {
        for part in parts {
            self.queues.extend(part.queues);
            self.topics.extend(part.topics);
            self.subscriptions.extend(part.subscriptions);
            self.tables.extend(part.tables);
            self.functions.extend(part.functions);
            self.mappings.extend(part.mappings);
            self.routes.extend(part.routes);
            self.outputs.extend(part.outputs);
        }
    }
}

/// An SQS queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Queue {
    /// The resource's name in the template.
    pub logical_id: String,
    /// The queue's name, with `.fifo` at its end for a FIFO queue.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its URL, on the runner's own port.
    pub url: String,
    /// The queue attributes by their SQS API names, such as `VisibilityTimeout` or `RedrivePolicy`
    /// (a JSON text), ready for `CreateQueue`.
    pub attributes: BTreeMap<String, String>,
}

/// An SNS topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// The resource's name in the template.
    pub logical_id: String,
    /// The topic's name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Topic attributes by their SNS API names, ready for `CreateTopic`.
    pub attributes: BTreeMap<String, String>,
}

/// A subscription of a queue to a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// The resource's name in the template.
    pub logical_id: String,
    /// The topic's ARN.
    pub topic_arn: String,
    /// The subscribed queue's ARN.
    pub queue_arn: String,
    /// Whether the queue gets the bare message (`RawMessageDelivery`).
    pub raw: bool,
    /// The filter policy as JSON, if any.
    pub filter_policy: Option<serde_json::Value>,
    /// `MessageAttributes` (the default) or `MessageBody`.
    pub filter_policy_scope: Option<String>,
    /// The queue that takes what could not be delivered (`RedrivePolicy.deadLetterTargetArn`).
    pub dead_letter_queue_arn: Option<String>,
}

/// A DynamoDB table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The resource's name in the template.
    pub logical_id: String,
    /// The table's name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The stream's ARN, which mappings refer to, when the table has a stream.
    pub stream_arn: Option<String>,
    /// The `CreateTable` request in DynamoDB's JSON.
    pub create: serde_json::Value,
    /// The attribute that holds an item's time to live, if enabled.
    pub ttl_attribute: Option<String>,
}

/// What runs a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Runtime {
    /// A program of its own, `bootstrap`.
    #[default]
    Binary,
    /// Python, by Lambda's name such as `python3.13`.
    Python(String),
    /// Node.js, by Lambda's name such as `nodejs22.x`.
    Node(String),
}

impl Runtime {
    /// A runtime that there is here, by Lambda's name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let is_version = |text: &str| text.parse::<u32>().is_ok();
        let minor = name.strip_prefix("python3.").filter(|minor| is_version(minor));
        let major = name.strip_prefix("nodejs").and_then(|rest| rest.strip_suffix(".x"));
        match name {
            "provided.al2023" | "provided.al2" => Some(Self::Binary),
            _ if minor.is_some() => Some(Self::Python(name.to_owned())),
            _ if major.is_some_and(is_version) => Some(Self::Node(name.to_owned())),
            _ => None,
        }
    }

    /// Lambda's name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Binary => "provided.al2023",
            Self::Python(name) | Self::Node(name) => name,
        }
    }
}

/// A Lambda function.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Function {
    /// The resource's name in the template.
    pub logical_id: String,
    /// The function's name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// What runs it.
    pub runtime: Runtime,
    /// `Handler`, such as `app.handle`; a program of its own needs none.
    pub handler: String,
    /// `CodeUri` as an absolute path: a folder that holds `bootstrap` or the handler, or the code that it is built from.
    pub code: PathBuf,
    /// `InlineCode`, which takes the place of what is in the folder.
    pub inline: Option<String>,
    /// What the function may be called by beside its names: `binary`, else the last part of `CodeUri`.
    pub program: String,
    /// The name of its program, where the metadata's `BuildProperties` say it (`Binary`).
    pub binary: Option<String>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// Whether it is deployed for arm64, and not for x86-64.
    pub is_arm: bool,
    /// MB of memory, told to the function and not enforced.
    pub memory_mb: u32,
    /// `ReservedConcurrentExecutions`, if set.
    pub reserved_concurrency: Option<u32>,
}

/// What feeds a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// The resource's name in the template (for SAM events, the function's and the event's joined).
    pub logical_id: String,
    /// The function's logical id.
    pub function: String,
    /// Where the records come from.
    pub source: Source,
    /// Records per invocation at the most.
    pub batch_size: u32,
    /// How long to wait for a batch to fill.
    pub batching_window: Duration,
    /// Whether the function's answer names the records that failed.
    pub report_batch_item_failures: bool,
    /// `Enabled`.
    pub enabled: bool,
    /// `FilterCriteria` patterns; a record that matches none is dropped.
    pub filters: Vec<serde_json::Value>,
}

/// The source of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// An SQS queue.
    Queue {
        /// The queue's ARN.
        arn: String,
        /// Invocations at once at the most, if limited (2 to 1,000 on AWS).
        maximum_concurrency: Option<u32>,
    },
    /// A DynamoDB stream.
    Stream {
        /// The stream's ARN as in [`Table::stream_arn`].
        arn: String,
        /// `TRIM_HORIZON` rather than `LATEST`.
        from_start: bool,
        /// Retries of a failing batch; `None`: until the records expire.
        maximum_retry_attempts: Option<u32>,
        /// `MaximumRecordAgeInSeconds`; `None`: until the records expire.
        maximum_record_age: Option<Duration>,
        /// `BisectBatchOnFunctionError`.
        bisect_on_error: bool,
        /// The ARN of the queue that is told of a batch given up on.
        on_failure_queue_arn: Option<String>,
    },
    /// A rate, from `rate(5 minutes)`.
    Schedule {
        /// How often.
        every: Duration,
        /// The event's `Input`, if the template gives one.
        input: Option<serde_json::Value>,
    },
}

/// One HTTP route.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The route key as in API Gateway v2: `GET /orders/{orderId}`, `ANY /x/{proxy+}` or `$default`.
    pub key: String,
    /// The function's logical id.
    pub function: String,
    /// What it asks of its callers.
    pub authorization: Authorization,
}

/// What an HTTP route asks of its callers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// Nothing.
    None,
    /// IAM's signature.
    Iam,
    /// A token.
    Jwt(JwtAuthorizer),
}

/// Which tokens a route takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtAuthorizer {
    /// Whose.
    pub issuer: String,
    /// Meant for one of these.
    pub audience: Vec<String>,
    /// With one of these scopes; any token will do where there is none.
    pub scopes: Vec<String>,
}
