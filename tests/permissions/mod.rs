//! Tries calls in somebody's name. No call changes anything where it is allowed: writes carry a condition that
//! never holds, messages lack what a message must have.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeValue, KeySchemaElement, KeysAndAttributes, ScalarAttributeType,
};
use aws_sdk_ses::types::{Body, Content, Destination, Message};
use std::collections::{BTreeSet, HashMap};
use system_tests::{Aws, Stack};

/// How the keys of the tables begin that all share, each beginning being somebody's.
const SHARED: [(&str, &[&str]); 2] = [
    (
        "EventsTable",
        &[
            "checkout-",
            "customer-",
            "inventory-",
            "order-",
            "payment-",
            "refund-look-",
            "shipment-",
            "stalled-",
            "stock-",
            "timeout-",
            "nobody-",
        ],
    ),
    (
        "LedgerTable",
        &[
            "analytics#",
            "api#",
            "checkout#",
            "email#",
            "inventory#",
            "payment#",
            "shipping#",
            "views#",
            "nobody#",
        ],
    ),
];
const NEVER: &str = "attribute_exists(#key) AND attribute_not_exists(#key)";

/// What there is to try things on.
pub(crate) struct Probe {
    tables: Vec<Table>,
    queues: Vec<String>,
    topic: String,
}

struct Table {
    id: String,
    partition: String,
    sort: Option<(String, ScalarAttributeType)>,
    /// Each index with its partition key.
    indexes: Vec<(String, String)>,
}

/// Whether a call failed because it is not allowed.
///
/// # Panics
/// When there was no answer.
pub(crate) fn is_refusal<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    assert!(error.as_service_error().is_some(), "there was no answer");
    matches!(error.code(), Some("AccessDenied" | "AccessDeniedException" | "AuthorizationError"))
}

fn is_allowed<T, E: ProvideErrorMetadata, R>(answer: Result<T, SdkError<E, R>>) -> bool {
    answer.map_or_else(|error| !is_refusal(&error), |_| true)
}

impl Probe {
    /// Everything that the stack has, as its operator sees it.
    pub(crate) async fn of(operator: &Aws, stack: &Stack) -> Self {
        let mut tables = Vec::new();
        for id in stack.all("AWS::DynamoDB::Table") {
            tables.push(Table::described(operator, id).await);
        }
        let topic = stack.physical("EventsTopic");
        Self { tables, queues: stack.all("AWS::SQS::Queue"), topic }
    }

    /// What somebody may do, one line each, sorted.
    pub(crate) async fn granted(&self, aws: &Aws) -> BTreeSet<String> {
        let mut granted = BTreeSet::new();
        for table in &self.tables {
            granted.extend(table.granted(aws).await);
        }
        for queue in &self.queues {
            granted.extend(granted_on_queue(aws, queue).await);
        }
        let sns = aws_sdk_sns::Client::new(aws.config());
        if is_allowed(sns.publish().topic_arn(&self.topic).send().await) {
            granted.insert("Publish EventsTopic".to_owned());
        }
        for sender in ["orders@fanfare.example", "somebody@fanfare.example"] {
            if may_send_from(aws, sender).await {
                granted.insert(format!("SendEmail {sender}"));
            }
        }
        granted
    }
}

impl Table {
    async fn described(operator: &Aws, id: String) -> Self {
        let (dynamodb, _) = operator.clients();
        let answer = dynamodb.describe_table().table_name(operator.name(&id)).send().await;
        let table = answer.expect("the table answers").table.expect("it has a description");
        let keys: Vec<&KeySchemaElement> = table.key_schema().iter().collect();
        let sort = keys.get(1).map(|key| {
            let name = key.attribute_name();
            let mut attributes = table.attribute_definitions().iter();
            let attribute = attributes.find(|attribute| attribute.attribute_name() == name);
            (name.to_owned(), attribute.expect("a key is defined").attribute_type().clone())
        });
        let indexes = table.global_secondary_indexes().iter().filter_map(|index| {
            let partition = index.key_schema().first()?.attribute_name();
            Some((index.index_name()?.to_owned(), partition.to_owned()))
        });
        let (partition, indexes) = (keys[0].attribute_name().to_owned(), indexes.collect());
        Self { id, partition, sort, indexes }
    }

    async fn granted(&self, aws: &Aws) -> Vec<String> {
        let mut granted = Vec::new();
        for action in ["BatchGetItem", "DeleteItem", "GetItem", "PutItem", "UpdateItem"] {
            let owners = self.owners();
            let mut allowed = Vec::new();
            for owner in owners {
                if self.may(aws, action, owner).await {
                    allowed.push(*owner);
                }
            }
            match allowed.len() {
                0 => {}
                all if all == owners.len() => granted.push(format!("{action} {}", self.id)),
                _ => granted.push(format!("{action} {} {}", self.id, allowed.join(" "))),
            }
        }
        if self.may_query(aws, None, &self.partition).await {
            granted.push(format!("Query {}", self.id));
        }
        for (index, partition) in &self.indexes {
            if self.may_query(aws, Some(index.clone()), partition).await {
                granted.push(format!("Query {}/{index}", self.id));
            }
        }
        let (dynamodb, _) = aws.clients();
        if is_allowed(dynamodb.scan().table_name(aws.name(&self.id)).limit(1).send().await) {
            granted.push(format!("Scan {}", self.id));
        }
        granted
    }

    fn owners(&self) -> &'static [&'static str] {
        let shared = SHARED.iter().find(|(table, _)| *table == self.id);
        shared.map_or(&["nobody"], |(_, owners)| owners)
    }

    async fn may_query(&self, aws: &Aws, index: Option<String>, partition: &str) -> bool {
        let (dynamodb, _) = aws.clients();
        let query = dynamodb.query().table_name(aws.name(&self.id)).set_index_name(index);
        let query = query.key_condition_expression("#key = :key");
        let query = query.expression_attribute_names("#key", partition);
        let nobody = AttributeValue::S("nobody".to_owned());
        is_allowed(query.expression_attribute_values(":key", nobody).send().await)
    }

    async fn may(&self, aws: &Aws, action: &str, owner: &str) -> bool {
        let (dynamodb, _) = aws.clients();
        let (name, key) = (aws.name(&self.id), self.key(owner));
        match action {
            "BatchGetItem" => {
                let keys = KeysAndAttributes::builder().keys(key).build().expect("keys");
                is_allowed(dynamodb.batch_get_item().request_items(name, keys).send().await)
            }
            "DeleteItem" => {
                let delete = dynamodb.delete_item().table_name(name).set_key(Some(key));
                let delete = delete.expression_attribute_names("#key", &self.partition);
                is_allowed(delete.condition_expression(NEVER).send().await)
            }
            "GetItem" => {
                is_allowed(dynamodb.get_item().table_name(name).set_key(Some(key)).send().await)
            }
            "PutItem" => {
                let put = dynamodb.put_item().table_name(name).set_item(Some(key));
                let put = put.expression_attribute_names("#key", &self.partition);
                is_allowed(put.condition_expression(NEVER).send().await)
            }
            "UpdateItem" => {
                let update = dynamodb.update_item().table_name(name).set_key(Some(key));
                let update = update.expression_attribute_names("#key", &self.partition);
                is_allowed(update.condition_expression(NEVER).send().await)
            }
            other => unreachable!("{other}"),
        }
    }

    fn key(&self, owner: &str) -> HashMap<String, AttributeValue> {
        let mut key =
            HashMap::from([(self.partition.clone(), AttributeValue::S(owner.to_owned()))]);
        if let Some((name, kind)) = &self.sort {
            let value = match kind {
                ScalarAttributeType::N => AttributeValue::N("1".to_owned()),
                _ => AttributeValue::S("probe".to_owned()),
            };
            key.insert(name.clone(), value);
        }
        key
    }
}

async fn granted_on_queue(aws: &Aws, queue: &str) -> Vec<String> {
    let (_, sqs) = aws.clients();
    let url = aws.url(queue);
    let handle = "no such message";
    let change = sqs.change_message_visibility().queue_url(&url).receipt_handle(handle);
    let delete = sqs.delete_message().queue_url(&url).receipt_handle(handle);
    let attributes = sqs.get_queue_attributes().queue_url(&url);
    let receive = sqs.receive_message().queue_url(&url).visibility_timeout(0).wait_time_seconds(0);
    let send = sqs.send_message().queue_url(&url);
    let actions = [
        ("ChangeMessageVisibility", is_allowed(change.visibility_timeout(0).send().await)),
        ("DeleteMessage", is_allowed(delete.send().await)),
        ("GetQueueAttributes", is_allowed(attributes.send().await)),
        ("ReceiveMessage", is_allowed(receive.send().await)),
        ("SendMessage", is_allowed(send.send().await)),
    ];
    let granted = actions.into_iter().filter(|(_, is_allowed)| *is_allowed);
    granted.map(|(action, _)| format!("{action} {queue}")).collect()
}

async fn may_send_from(aws: &Aws, sender: &str) -> bool {
    let text = || Content::builder().data("probe").build().expect("data");
    let message = Message::builder().subject(text()).body(Body::builder().text(text()).build());
    let to = Destination::builder().to_addresses("probe@example.com").build();
    let send = aws_sdk_ses::Client::new(aws.config()).send_email().source(sender).destination(to);
    is_allowed(send.message(message.build()).send().await)
}
