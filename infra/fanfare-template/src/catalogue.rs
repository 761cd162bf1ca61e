//! Where a template's catalogue of events is.

use crate::template::Template;
use std::path::{Path, PathBuf};

/// What the file is called that lies beside a template.
const BESIDE: &str = "catalogue.json";

impl Template {
    /// The file that lists the events of a template's system: the one that the template names,
    ///
    /// ```yaml
    /// Metadata: { Fanfare: { Catalogue: ../events/catalogue.json } }
    /// ```
    ///
    /// or else `catalogue.json` beside it, if it is there. `template` is the template's own path, which a relative one
    /// begins at. A named file need not be there.
    pub fn catalogue_file(&self, template: &Path) -> Option<PathBuf> {
        let folder = template.parent().unwrap_or(Path::new(""));
        let named = self.metadata.as_ref().and_then(|metadata| {
            metadata.get("Fanfare")?.get("Catalogue")?.as_text().filter(|name| !name.is_empty())
        });
        match named {
            Some(named) => Some(folder.join(named)),
            None => Some(folder.join(BESIDE)).filter(|beside| beside.is_file()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;
    use crate::Inputs;

    fn file(metadata: &str) -> Option<PathBuf> {
        let text = format!("{metadata}\nResources: {{ Q: {{ Type: AWS::SQS::Queue }} }}");
        Template::read(&text, &Inputs::default())
            .unwrap()
            .catalogue_file(Path::new("infra/shop.yaml"))
    }

    #[test]
    fn a_named_catalogue_begins_at_the_template() {
        let named = file("Metadata: { Fanfare: { Catalogue: ../events/catalogue.json } }");

        assert_eq!(named, Some(PathBuf::from("infra/../events/catalogue.json")));
        assert_eq!(file("Metadata: { Fanfare: { Catalogue: '' } }"), None);
        assert_eq!(file(""), None);
    }
}
