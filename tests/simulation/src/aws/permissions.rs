//! What the roles of the store's functions allow, as `tests/permissions/granted.txt` has it, which MiniStack holds the
//! template to: a request that none allows would be denied on AWS.

use crate::aws::service::Service;
use crate::cloud::SUBSCRIPTIONS;
use crate::tables;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

const GRANTED: &str = include_str!("../../../permissions/granted.txt");

/// What one role allows: an action on a resource, and how the keys begin that it may be done to; no beginnings for all.
type Grants = BTreeMap<String, Vec<&'static str>>;

/// What is asked for: an action on a resource, and the partition key if it is done to one.
type Asked = (String, Option<String>);

/// What a request asks for that its function's role does not allow. Functions of the simulation's own have no role.
pub(crate) fn denied(
    caller: &str,
    service: Service,
    operation: &str,
    body: &Value,
) -> Option<String> {
    let function = caller.split('.').next().unwrap_or_default();
    let of_store = SUBSCRIPTIONS.iter().map(|(name, _)| *name).chain(["relay", "sweep"]);
    of_store.into_iter().find(|name| *name == function)?;
    let grants = roles().get(&format!("{}Role", in_template(function)));
    let is_granted = |(action, key): &Asked| {
        let beginnings = grants.and_then(|grants| grants.get(action));
        let begins = |key: &String| beginnings?.iter().find(|b| key.starts_with(**b));
        beginnings.is_some_and(|beginnings| {
            beginnings.is_empty() || key.as_ref().is_some_and(|key| begins(key).is_some())
        })
    };
    let asked = asked(service, operation, body);
    let denied = asked.into_iter().find(|asked| !is_granted(asked));
    denied.map(|(action, key)| format!("{action} {}", key.unwrap_or_default()))
}

fn roles() -> &'static BTreeMap<String, Grants> {
    static ROLES: OnceLock<BTreeMap<String, Grants>> = OnceLock::new();
    ROLES.get_or_init(|| {
        let mut roles: BTreeMap<String, Grants> = BTreeMap::new();
        let mut role = "";
        for line in GRANTED.lines() {
            let mut words = line.split_whitespace();
            match (line.starts_with(' '), words.next(), words.next()) {
                (false, Some(name), _) => role = name,
                (true, Some(action), Some(resource)) => {
                    let grants = roles.entry(role.to_owned()).or_default();
                    grants.insert(format!("{action} {resource}"), words.collect());
                }
                _ => {}
            }
        }
        roles
    })
}

/// A name as the template's logical ids have it: `relay-dead-letters` is `RelayDeadLetters`.
fn in_template(name: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_uppercase() + rest
    };
    name.split('-').map(capital).collect()
}

fn asked(service: Service, operation: &str, body: &Value) -> Vec<Asked> {
    match service {
        Service::Sns => vec![("Publish EventsTopic".to_owned(), None)],
        Service::Sqs => {
            let url = body["QueueUrl"].as_str().unwrap_or_default();
            let queue = in_template(url.rsplit('/').next().unwrap_or_default());
            let queue = match queue.ends_with("DeadLetters") {
                true => queue,
                false => format!("{queue}Queue"),
            };
            vec![(format!("{} {queue}", operation.trim_end_matches("Batch")), None)]
        }
        Service::DynamoDb => of_dynamodb(operation, body),
    }
}

fn of_dynamodb(operation: &str, body: &Value) -> Vec<Asked> {
    match operation {
        "TransactWriteItems" => {
            let items = body["TransactItems"].as_array().into_iter().flatten();
            let actions = items.filter_map(|item| item.as_object()?.iter().next());
            let one = |(kind, action): (&String, &Value)| one(&format!("{kind}Item"), action);
            actions.map(one).collect()
        }
        "BatchGetItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            let keys = tables.flat_map(|(table, request)| {
                let keys = request["Keys"].as_array().into_iter().flatten();
                keys.map(move |key| (table, key))
            });
            keys.map(|(table, key)| keyed("BatchGetItem", table, key)).collect()
        }
        _ => vec![one(operation, body)],
    }
}

/// One action with its table, and its item, its key or its index.
fn one(action: &str, body: &Value) -> Asked {
    let table = body["TableName"].as_str().unwrap_or_default();
    match (&body["Item"], &body["Key"], body["IndexName"].as_str()) {
        (Value::Null, Value::Null, Some(index)) => {
            (format!("{action} {}Table/{index}", in_template(table)), None)
        }
        (Value::Null, Value::Null, None) => (format!("{action} {}Table", in_template(table)), None),
        (Value::Null, key, _) => keyed(action, table, key),
        (item, ..) => keyed(action, table, item),
    }
}

fn keyed(action: &str, table: &str, item: &Value) -> Asked {
    let key = tables::partition_of(table, item);
    (format!("{action} {}Table", in_template(table)), Some(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_role_is_held_to_its_operations_its_tables_and_its_keys_in_shared_ones() {
        let ledger = |key: &str| json!({"TableName": "ledger", "Key": {"id": {"S": key}}});
        let by_payment =
            |operation, body| denied("payment.0.1", Service::DynamoDb, operation, &body);
        let transaction = json!({"TransactItems": [{"Update": ledger("email#evt_1")}]});

        assert_eq!(by_payment("UpdateItem", ledger("payment#evt_1")), None);
        for (operation, body) in [
            ("GetItem", ledger("payment#evt_1")),
            ("UpdateItem", ledger("email#evt_1")),
            ("TransactWriteItems", transaction),
            ("Query", json!({"TableName": "sagas", "IndexName": "byAge"})),
        ] {
            assert!(by_payment(operation, body).is_some(), "{operation}");
        }
    }
}
