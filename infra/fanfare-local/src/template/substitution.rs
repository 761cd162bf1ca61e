//! `Fn::Sub`: names in a text.

use super::error::Fault;
use super::scope::Scope;
use super::yaml::Node;

impl Scope<'_> {
    pub(super) fn substitute(&self, argument: &Node) -> Result<String, Fault> {
        let wrong = || Fault::new(argument.line, "must give Fn::Sub a text, or a text and a map");
        let (template, variables) = match argument.as_list() {
            None => (argument.as_text(), None),
            Some([template, variables]) if variables.as_map().is_some() => {
                (template.as_text(), Some(variables))
            }
            Some(_) => return Err(wrong()),
        };
        let mut rest = template.ok_or_else(wrong)?;
        let mut text = String::new();
        while let Some((before, after)) = rest.split_once("${") {
            let unclosed = || Fault::new(argument.line, "has a `${` without its `}`");
            let (name, after) = after.split_once('}').ok_or_else(unclosed)?;
            text.push_str(before);
            text.push_str(&self.variable(name, variables, argument.line)?);
            rest = after;
        }
        text.push_str(rest);
        Ok(text)
    }

    fn variable(&self, name: &str, variables: Option<&Node>, line: usize) -> Result<String, Fault> {
        if let Some(literal) = name.strip_prefix('!') {
            return Ok(format!("${{{literal}}}"));
        }
        let name = name.trim();
        if let Some(value) = variables.and_then(|variables| variables.get(name)) {
            return self.text(value);
        }
        if let Some((id, attribute)) = name.split_once('.') {
            return self.attribute(id, attribute, line);
        }
        let value = self.reference(name, line)?;
        let text = value.as_ref().and_then(Node::as_text).map(str::to_owned);
        text.ok_or_else(|| Fault::new(line, format!("puts {name} in a text, but it is not one")))
    }
}
