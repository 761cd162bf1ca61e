//! What is done to queues as a whole: made, found, emptied, deleted, tagged.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use rustack_sqs_model::error::SqsError;
use serde_json::{Value, json};

use super::settings::Settings;
use super::{Queue, Queues, not_kept};

/// Tags of one queue.
const TAGS: usize = 50;

impl Queues {
    /// Makes a queue; one that is there already, if it is as asked for. Its URL.
    pub(crate) fn create(
        &self,
        name: &str,
        attributes: impl IntoIterator<Item = (String, String)>,
        tags: impl IntoIterator<Item = (String, String)>,
    ) -> Result<String, SqsError> {
        let attributes: Vec<_> = attributes.into_iter().collect();
        let settings = Settings::new(name, attributes.clone())?;
        let mut queues = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = queues.get(name) {
            let shown = known.state().settings.shown();
            let asked = settings.shown();
            let differs = attributes.iter().find(|(name, _)| asked.get(name) != shown.get(name));
            return match differs {
                None => Ok(known.url.clone()),
                Some((attribute, _)) => Err(SqsError::queue_already_exists(format!(
                    "A queue already exists with the same name and a different value for attribute {attribute}"
                ))),
            };
        }
        let url = format!("{}/{name}", self.base);
        let arn = format!("arn:aws:sqs:{}:{}:{name}", self.region, self.account);
        let queue = Queue::new(name.to_owned(), arn, url.clone(), settings);
        queue.state().tags.extend(tags);
        queues.insert(name.to_owned(), Arc::new(queue));
        Ok(url)
    }

    pub(crate) async fn delete_queue(&self, url: &str) -> Result<(), SqsError> {
        let queue = self.find(url)?;
        self.by_name.write().unwrap_or_else(PoisonError::into_inner).remove(&queue.name);
        queue.state().is_deleted = true;
        queue.changed.send_replace(());
        self.forget_messages(&queue).await
    }

    pub(crate) async fn purge(&self, url: &str) -> Result<(), SqsError> {
        let queue = self.find(url)?;
        queue.purge();
        self.forget_messages(&queue).await
    }

    async fn forget_messages(&self, queue: &Queue) -> Result<(), SqsError> {
        self.journal.purge(queue.name.clone()).await.map_err(|error| not_kept(&error))
    }

    /// The URLs of queues whose name begins so.
    pub(crate) fn urls(&self, prefix: &str) -> Vec<String> {
        let all = self.all().into_iter().filter(|queue| queue.name.starts_with(prefix));
        all.map(|queue| queue.url.clone()).collect()
    }

    /// The URLs of the queues whose dead letters come here.
    pub(crate) fn sources(&self, url: &str) -> Result<Vec<String>, SqsError> {
        let target = self.find(url)?;
        let is_source = |queue: &Arc<Queue>| {
            queue.state().settings.redrive.as_ref().is_some_and(|to| *to.target_arn == *target.arn)
        };
        Ok(self.all().into_iter().filter(is_source).map(|queue| queue.url.clone()).collect())
    }

    /// The attributes of these names; `All` is every one.
    pub(crate) fn attributes(
        &self,
        url: &str,
        names: &[String],
    ) -> Result<BTreeMap<String, String>, SqsError> {
        let mut all = self.find(url)?.attributes();
        if let Some(unknown) = names.iter().find(|name| !is_attribute(name)) {
            return Err(SqsError::invalid_attribute_name(format!("Unknown Attribute {unknown}.")));
        }
        all.retain(|name, _| names.iter().any(|wanted| wanted == "All" || wanted == name));
        Ok(all)
    }

    pub(crate) fn set_attributes(
        &self,
        url: &str,
        attributes: HashMap<String, String>,
    ) -> Result<(), SqsError> {
        self.find(url)?.set_attributes(attributes)
    }

    pub(crate) fn tags(&self, url: &str) -> Result<BTreeMap<String, String>, SqsError> {
        Ok(self.find(url)?.state().tags.clone())
    }

    pub(crate) fn tag(&self, url: &str, tags: HashMap<String, String>) -> Result<(), SqsError> {
        let queue = self.find(url)?;
        let mut state = queue.state();
        let mut all = state.tags.clone();
        all.extend(tags);
        if all.len() > TAGS {
            let message = format!("Too many tags added for queue {}.", queue.name);
            return Err(SqsError::invalid_parameter_value(message));
        }
        state.tags = all;
        Ok(())
    }

    pub(crate) fn untag(&self, url: &str, names: &[String]) -> Result<(), SqsError> {
        self.find(url)?.state().tags.retain(|name, _| !names.contains(name));
        Ok(())
    }

    /// Adds a statement to the queue's policy, in which accounts may do something. Nothing here asks the policy.
    pub(crate) fn add_permission(
        &self,
        url: &str,
        label: &str,
        accounts: &[String],
        actions: &[String],
    ) -> Result<(), SqsError> {
        let queue = self.find(url)?;
        let principals: Vec<_> =
            accounts.iter().map(|account| format!("arn:aws:iam::{account}:root")).collect();
        let actions: Vec<_> = actions.iter().map(|action| format!("SQS:{action}")).collect();
        let mut statements = statements(&queue);
        if statements.iter().any(|statement| statement["Sid"] == label) {
            return Err(SqsError::invalid_parameter_value(format!(
                "Value {label} for parameter Label is invalid. Reason: Already exists."
            )));
        }
        statements.push(json!({
            "Sid": label, "Effect": "Allow", "Principal": {"AWS": principals}, "Action": actions,
            "Resource": &*queue.arn,
        }));
        set_statements(&queue, &statements)
    }

    pub(crate) fn remove_permission(&self, url: &str, label: &str) -> Result<(), SqsError> {
        let queue = self.find(url)?;
        let mut statements = statements(&queue);
        let before = statements.len();
        statements.retain(|statement| statement["Sid"] != label);
        if statements.len() == before {
            return Err(SqsError::invalid_parameter_value(format!(
                "Value {label} for parameter Label is invalid. Reason: can't find label on existing policy."
            )));
        }
        set_statements(&queue, &statements)
    }
}

fn is_attribute(name: &str) -> bool {
    rustack_sqs_model::types::QueueAttributeName::from_str_name(name).is_some()
}

fn statements(queue: &Queue) -> Vec<Value> {
    let policy = queue.attributes().remove("Policy").unwrap_or_default();
    let policy: Value = serde_json::from_str(&policy).unwrap_or_default();
    policy["Statement"].as_array().cloned().unwrap_or_default()
}

fn set_statements(queue: &Queue, statements: &[Value]) -> Result<(), SqsError> {
    let policy = match statements {
        [] => String::new(),
        _ => json!({"Version": "2012-10-17", "Id": format!("{}/policy", queue.arn), "Statement": statements}).to_string(),
    };
    queue.set_attributes(HashMap::from([("Policy".to_owned(), policy)]))
}
