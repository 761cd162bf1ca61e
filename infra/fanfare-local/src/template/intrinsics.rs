//! Intrinsic functions: from a value as the template writes it to the value it stands for.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::Fault;
use super::scope::Scope;
use super::yaml::{Entry, Node, Value};

impl Scope<'_> {
    /// A value without functions. `None` is `AWS::NoValue`, which takes what holds it away.
    pub(super) fn resolve(&self, node: &Node) -> Result<Option<Node>, Fault> {
        if let Some((function, argument)) = node.as_function() {
            return self.call(function, argument, node.line);
        }
        let value = match &node.value {
            Value::Map(entries) => Value::Map(self.resolve_entries(entries)?),
            Value::List(items) => Value::List(self.resolve_items(items)?),
            Value::Scalar { text, .. } if text.contains("{{resolve:") => {
                return Err(Fault::new(
                    node.line,
                    format!("is {text}, which the local runner cannot look up"),
                ));
            }
            other => other.clone(),
        };
        Ok(Some(Node { line: node.line, value }))
    }

    /// A value that must come to a text.
    pub(super) fn text(&self, node: &Node) -> Result<String, Fault> {
        match self.resolve(node)? {
            Some(Node { value: Value::Scalar { text, .. }, .. }) => Ok(text),
            _ => Err(Fault::new(node.line, "must be a text")),
        }
    }

    fn resolve_entries(&self, entries: &[Entry]) -> Result<Vec<Entry>, Fault> {
        let mut resolved = Vec::new();
        for entry in entries {
            let value = self.resolve(&entry.value)?;
            resolved.extend(value.map(|value| Entry { value, ..entry.clone() }));
        }
        Ok(resolved)
    }

    fn resolve_items(&self, items: &[Node]) -> Result<Vec<Node>, Fault> {
        items.iter().filter_map(|item| self.resolve(item).transpose()).collect()
    }

    fn call(&self, function: &str, argument: &Node, line: usize) -> Result<Option<Node>, Fault> {
        let text = |text: Result<String, Fault>| text.map(|text| Some(Node::text(line, text)));
        match function {
            "Ref" => match argument.as_text() {
                Some(name) => self.reference(name, line),
                None => Err(Fault::new(line, "must give Ref a name")),
            },
            "Fn::GetAtt" => text(self.get_att(argument)),
            "Fn::Sub" => text(self.substitute(argument)),
            "Fn::If" => self.choose(argument),
            "Fn::Join" => text(self.join(argument)),
            "Fn::Split" => self.split(argument).map(Some),
            "Fn::Select" => self.select(argument).map(Some),
            "Fn::FindInMap" => self.find_in_map(argument).map(Some),
            "Fn::Base64" => text(self.text(argument).map(|plain| STANDARD.encode(plain))),
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" => {
                Err(Fault::new(line, format!("uses {function}, which belongs in Conditions")))
            }
            other => Err(Fault::new(
                line,
                format!("uses {other}, which is not supported by the local runner"),
            )),
        }
    }

    fn get_att(&self, argument: &Node) -> Result<String, Fault> {
        let line = argument.line;
        match (argument.as_text().and_then(|text| text.split_once('.')), argument.as_list()) {
            (Some((id, name)), _) => self.attribute(id, name, line),
            (None, Some([id, name])) => self.attribute(&self.text(id)?, &self.text(name)?, line),
            _ => Err(Fault::new(line, "must give Fn::GetAtt a resource and an attribute")),
        }
    }

    fn choose(&self, argument: &Node) -> Result<Option<Node>, Fault> {
        let [condition, yes, no] = arguments("Fn::If", "a condition and two values", argument)?;
        let Some(name) = condition.as_text() else {
            return Err(Fault::new(condition.line, "must give Fn::If the name of a condition"));
        };
        match self.condition(name, condition.line)? {
            true => self.resolve(yes),
            false => self.resolve(no),
        }
    }

    fn join(&self, argument: &Node) -> Result<String, Fault> {
        let [separator, items] = arguments("Fn::Join", "a separator and a list", argument)?;
        let Some(Node { value: Value::List(items), .. }) = self.resolve(items)? else {
            return Err(Fault::new(items.line, "must give Fn::Join a list"));
        };
        let items: Option<Vec<&str>> = items.iter().map(Node::as_text).collect();
        let items =
            items.ok_or_else(|| Fault::new(argument.line, "must give Fn::Join a list of texts"))?;
        Ok(items.join(&self.text(separator)?))
    }

    fn split(&self, argument: &Node) -> Result<Node, Fault> {
        let [separator, text] = arguments("Fn::Split", "a separator and a text", argument)?;
        let (separator, text) = (self.text(separator)?, self.text(text)?);
        if separator.is_empty() {
            return Err(Fault::new(argument.line, "must give Fn::Split a separator"));
        }
        let parts = text.split(&separator).map(|part| Node::text(argument.line, part)).collect();
        Ok(Node::list(argument.line, parts))
    }

    fn select(&self, argument: &Node) -> Result<Node, Fault> {
        let [index, items] = arguments("Fn::Select", "an index and a list", argument)?;
        let index = self.text(index)?;
        let Some(Node { value: Value::List(items), .. }) = self.resolve(items)? else {
            return Err(Fault::new(items.line, "must give Fn::Select a list"));
        };
        let item = index.parse().ok().and_then(|at: usize| items.get(at)).cloned();
        let count = items.len();
        item.ok_or_else(|| {
            Fault::new(argument.line, format!("selects item {index} of a list of {count}, from 0"))
        })
    }

    fn find_in_map(&self, argument: &Node) -> Result<Node, Fault> {
        let [map, first, second] = arguments("Fn::FindInMap", "a map and two keys", argument)?;
        let (map, first, second) = (self.text(map)?, self.text(first)?, self.text(second)?);
        let missing = |what: String| {
            Fault::new(argument.line, format!("looks up {what}, which is not in the template"))
        };
        let mappings = &self.document.mappings;
        let entry = mappings.iter().find(|entry| entry.key == map);
        let entry = entry.ok_or_else(|| missing(format!("the mapping {map}")))?;
        let row = entry
            .value
            .get(&first)
            .ok_or_else(|| missing(format!("{first} in the mapping {map}")))?;
        let value = row
            .get(&second)
            .ok_or_else(|| missing(format!("{first}.{second} in the mapping {map}")))?;
        Ok(Node { line: argument.line, ..value.clone() })
    }
}

/// A function's arguments, of which there must be so many.
fn arguments<'n, const N: usize>(
    function: &str,
    what: &str,
    argument: &'n Node,
) -> Result<&'n [Node; N], Fault> {
    let items = argument.as_list().and_then(|items| items.try_into().ok());
    items.ok_or_else(|| Fault::new(argument.line, format!("must give {function} {what}")))
}
