//! `Conditions`: the template's named truths.

use super::error::Fault;
use super::scope::Scope;
use super::yaml::Node;

impl Scope<'_> {
    /// Whether the named condition holds.
    pub(super) fn condition(&self, name: &str, line: usize) -> Result<bool, Fault> {
        let Some(entry) = self.document.conditions.iter().find(|entry| entry.key == name) else {
            return Err(Fault::new(
                line,
                format!("refers to the condition {name}, which is not in the template"),
            ));
        };
        self.step(format!("condition {name}"), line, || {
            self.holds(&entry.value).map_err(|fault| fault.of("condition", name))
        })
    }

    fn holds(&self, node: &Node) -> Result<bool, Fault> {
        let unknown = || {
            Fault::new(node.line, "must be one of Condition, Fn::Equals, Fn::And, Fn::Or, Fn::Not")
        };
        let Some([entry]) = node.as_map() else { return Err(unknown()) };
        let operands = entry.value.as_list().unwrap_or_default();
        let wrong = |count: &str| {
            Fault::new(node.line, format!("must give {} a list of {count}", entry.key))
        };
        match (entry.key.as_str(), operands) {
            ("Condition", _) => match entry.value.as_text() {
                Some(name) => self.condition(name, entry.line),
                None => Err(Fault::new(node.line, "must give Condition a name")),
            },
            ("Fn::Equals", [left, right]) => Ok(self.comparable(left)? == self.comparable(right)?),
            ("Fn::Equals", _) => Err(wrong("2")),
            ("Fn::Not", [operand]) => Ok(!self.holds(operand)?),
            ("Fn::Not", _) => Err(wrong("1")),
            ("Fn::And" | "Fn::Or", [] | [_] | [_, _, _, _, _, _, _, _, _, _, _, ..]) => {
                Err(wrong("2 to 10"))
            }
            ("Fn::And", operands) => Ok(self.all(operands)?.into_iter().all(|holds| holds)),
            ("Fn::Or", operands) => Ok(self.all(operands)?.into_iter().any(|holds| holds)),
            _ => Err(unknown()),
        }
    }

    /// Every operand is looked at, so that a mistake is found whatever the others are.
    fn all(&self, operands: &[Node]) -> Result<Vec<bool>, Fault> {
        operands.iter().map(|operand| self.holds(operand)).collect()
    }

    fn comparable(&self, node: &Node) -> Result<Option<serde_json::Value>, Fault> {
        let value = self.resolve(node)?;
        Ok(value.map(|value| match value.as_text() {
            Some(text) => text.into(),
            None => value.to_json(),
        }))
    }
}
