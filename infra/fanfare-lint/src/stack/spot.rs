//! Where a finding is: resource, property, line.

use fanfare_template::{Place, Resource, Value};

/// A place in a template, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The resource's logical id; empty: the template as a whole.
    pub(crate) resource: String,
    /// The path of the property, whether it is there or not; empty: the resource itself.
    pub(crate) property: String,
    pub(crate) place: Place,
}

impl Spot {
    /// The template as a whole.
    pub(crate) fn template() -> Self {
        Self { resource: String::new(), property: String::new(), place: Place::START }
    }

    /// A property below this one: at its own line if it is there, else at this one's.
    pub(crate) fn below(&self, value: &Value, path: &[&str]) -> Self {
        let mut spot = self.clone();
        let mut value = Some(value);
        for key in path {
            if !spot.property.is_empty() {
                spot.property.push('.');
            }
            spot.property.push_str(key);
            let field = value.and_then(|value| value.field(key));
            if let Some(field) = field {
                spot.place = field.place;
            }
            value = field.map(|field| &field.value);
        }
        spot
    }

    /// An item of the list that this is.
    pub(crate) fn item(&self, index: usize, place: Place) -> Self {
        let property = format!("{}[{index}]", self.property);
        Self { resource: self.resource.clone(), property, place }
    }
}

/// Where a resource is.
pub(crate) trait Located {
    /// The resource itself.
    fn whole(&self) -> Spot;

    /// One of its properties: at its line if it is there, else at the resource's.
    fn spot(&self, path: &[&str]) -> Spot;
}

impl Located for Resource {
    fn whole(&self) -> Spot {
        Spot { resource: self.id.clone(), property: String::new(), place: self.place }
    }

    fn spot(&self, path: &[&str]) -> Spot {
        self.whole().below(&self.properties, path)
    }
}
