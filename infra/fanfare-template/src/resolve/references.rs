//! `Ref` and `Fn::GetAtt`: parameters, pseudo parameters, resources.

use super::Resolver;
use crate::document::{Node, Place};
use crate::inputs::PSEUDO_PARAMETERS;
use crate::template::Declaration;
use crate::value::{Cause, Piece, Text, Unknown, Value};

/// A resource that a reference means.
enum Referent<'t> {
    Declared(&'t Declaration),
    /// Made by SAM beside the resource that its name begins with.
    Made,
}

impl<'t> Resolver<'t> {
    /// A value as `Ref` gives it. `None` is `AWS::NoValue`.
    pub(super) fn reference(&self, name: &str, place: Place) -> Option<Value> {
        if name == "AWS::NoValue" {
            return None;
        }
        let value = if name.starts_with("AWS::") {
            self.pseudo_parameter(name, place)
        } else if let Some(parameter) = self.template.parameter(name) {
            self.copy(&parameter.value, place)
        } else {
            self.reference_to_resource(name, place).map(|text| Value::text(place, text))
        };
        Some(value.unwrap_or_else(|unknown| Value::unknown(place, unknown)))
    }

    /// A value as `Fn::GetAtt` gives it.
    pub(super) fn attribute(&self, id: &str, name: &str, place: Place) -> Result<Text, Unknown> {
        let Referent::Declared(resource) = self.referent(id, place)? else {
            return Ok(Text::of(Piece::Attribute(id.to_owned(), name.to_owned())));
        };
        match self.names.attribute(self, resource, name) {
            Ok(Some(text)) => Ok(text),
            Ok(None) => {
                let kind = &resource.kind;
                let message = format!("refers to {id}.{name}, but {kind} has no such attribute");
                Err(self.trail.fault(place, message))
            }
            Err(problem) => Err(self.trail.tell(problem)),
        }
    }

    pub(super) fn get_att(&self, argument: &Node) -> Result<Text, Unknown> {
        let place = argument.place;
        match (argument.as_text().and_then(|text| text.split_once('.')), argument.as_list()) {
            (Some((id, name)), _) => self.attribute(id, name, place),
            (None, Some([id, name])) => {
                let (id, name) = (self.known_text(id)?, self.text(name)?);
                // An attribute may be named by a parameter that has no value.
                self.attribute(&id, &name.to_string(), place)
            }
            _ => Err(self.trail.fault(place, "must give Fn::GetAtt a resource and an attribute")),
        }
    }

    fn pseudo_parameter(&self, name: &str, place: Place) -> Result<Value, Unknown> {
        if !PSEUDO_PARAMETERS.contains(&name) {
            let message = format!("refers to {name}, which is no pseudo parameter");
            return Err(self.trail.fault(place, message));
        }
        let unknown = || Unknown::new(name, Cause::PseudoParameter(name.to_owned()));
        let Some(stack) = &self.template.stack else {
            return Ok(Value::text(place, Text::unknown(unknown())));
        };
        Ok(match stack.pseudo_parameter(name) {
            Some(text) => Value::text(place, Text::known(text)),
            None => Value::list(place, Vec::new()),
        })
    }

    fn reference_to_resource(&self, id: &str, place: Place) -> Result<Text, Unknown> {
        match self.referent(id, place)? {
            Referent::Declared(resource) => {
                let text = self.names.reference(self, resource);
                text.map_err(|problem| self.trail.tell(problem))
            }
            Referent::Made => Ok(Text::of(Piece::Reference(id.to_owned()))),
        }
    }

    /// The resource that a reference means. One whose condition is false is not there to refer to.
    fn referent(&self, id: &str, place: Place) -> Result<Referent<'t>, Unknown> {
        let Some(resource) = self.template.resource(id) else {
            if self.template.is_unread(id) {
                return Err(Unknown::fault());
            }
            return match self.template.may_be_made_by_sam(id) {
                true => Ok(Referent::Made),
                false => {
                    let message = format!("refers to {id}, which is not in the template");
                    Err(self.trail.fault(place, message))
                }
            };
        };
        match (&resource.condition, self.is_active(resource)) {
            (Some((condition, _)), Ok(false)) => {
                let message = format!("refers to {id}, whose condition {condition} is false");
                Err(self.trail.fault(place, message))
            }
            _ => Ok(Referent::Declared(resource)),
        }
    }
}
